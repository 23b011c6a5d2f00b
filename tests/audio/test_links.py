from __future__ import annotations

import tracemalloc

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


def test_looking_at_a_long_meeting_takes_little_memory(tmp_path):
    """Its pieces are looked at several times a minute: what each of them took would grow with the meeting."""
    for minute in range(500):
        (tmp_path / f"{minute * 960_000:012d}.flac").touch()
    links = AudioLinks(tmp_path)
    links(0)
    (tmp_path / "000480000000.pcm").touch()
    tracemalloc.start()
    try:
        assert links(480_000_000) == f"{tmp_path.name}/000480000000.flac#t=0.0"
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 500 * 32


def test_names_that_no_piece_has_are_passed_over(tmp_path):
    for name in ("000000000000.flac", "000000000000.pcm", "9" * 40 + ".flac", "notes.flac", "000000960000.part"):
        (tmp_path / name).touch()

    assert AudioLinks(tmp_path)(960_000) == f"{tmp_path.name}/000000000000.flac#t=60.0"
