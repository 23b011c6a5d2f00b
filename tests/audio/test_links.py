from __future__ import annotations

from streamer.audio.links import AudioLinks


def test_a_position_is_found_in_its_piece(tmp_path):
    (tmp_path / "000000000000.flac").touch()
    (tmp_path / "000000960000.pcm").touch()
    links = AudioLinks(tmp_path)

    assert links(0) == f"{tmp_path.name}/000000000000.flac#t=0.0"
    assert links(959_999) == f"{tmp_path.name}/000000000000.flac#t=60.0"
    assert links(968_000) == f"{tmp_path.name}/000000960000.flac#t=0.5"


def test_new_pieces_are_seen(tmp_path):
    links = AudioLinks(tmp_path / "audio")
    assert links(0) is None
    (tmp_path / "audio").mkdir()
    assert links(0) is None
    (tmp_path / "audio" / "000000000000.pcm").touch()
    assert links(0) == "audio/000000000000.flac#t=0.0"


def test_links_are_back_when_the_folder_is(tmp_path):
    (tmp_path / "audio").mkdir()
    (tmp_path / "audio" / "000000000000.pcm").touch()
    links = AudioLinks(tmp_path / "audio")
    assert links(0) == "audio/000000000000.flac#t=0.0"

    (tmp_path / "audio").rename(tmp_path / "elsewhere")
    assert links(0) is None
    (tmp_path / "elsewhere").rename(tmp_path / "audio")
    assert links(0) == "audio/000000000000.flac#t=0.0"
