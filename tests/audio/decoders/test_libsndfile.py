"""Files of which libsndfile does not give all."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from streamer.audio.files import SoundFile
from tests.audio.reading import needs_ffmpeg, read, refusal
from tests.sounds import noise, pcm, write


def in_a_row(folder: Path, ending: str) -> Path:
    """Two files of different lengths, one behind the other, as what records a radio station writes Ogg."""
    options = {"format": "OGG", "subtype": "OPUS"} if ending == "opus" else {}
    parts = [write(folder / f"{seconds}.{ending}", noise(seconds), **options) for seconds in (2.0, 3.0)]
    path = folder / f"a.{ending}"
    path.write_bytes(b"".join(part.read_bytes() for part in parts))
    return path


def flac_without_length(path: Path) -> Path:
    """What is written into a pipe cannot say at its beginning how long it is."""
    content = bytearray(write(path, noise(2.1)).read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    path.write_bytes(content)
    return path


@needs_ffmpeg
@pytest.mark.parametrize("ending", ["ogg", "opus"])
def test_ogg_streams_in_a_row_are_all_read(tmp_path: Path, ending: str) -> None:
    with SoundFile(in_a_row(tmp_path, ending)) as file:
        seconds = sum(len(each) for each in file.pcm()) / 32_000

        assert seconds == pytest.approx(5.0, abs=0.1)
        assert file.remarks == ()


@pytest.mark.parametrize("ending", ["ogg", "opus"])
def test_without_ffmpeg_it_is_told_that_a_stream_follows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert "after 2.0 s: another Ogg stream follows, which ffmpeg reads" in refusal(in_a_row(tmp_path, ending))


@needs_ffmpeg
def test_an_ogg_in_which_sound_is_missing_is_not_cut_short(tmp_path: Path) -> None:
    """As of who had muted himself in a call in the net."""
    source, path = write(tmp_path / "a.wav", noise(6.0)), tmp_path / "a.ogg"
    muted = ("-filter:a", "asetnsamples=320,aselect='not(between(t,1,4.9))'", "-fps_mode", "passthrough")
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *muted, "-codec:a", "libvorbis", path], check=True)

    assert re.search(r"sound is missing in it: it lasts [56]\.\d s, 2\.\d s are there; later times", refusal(path))


def test_what_lies_behind_a_flac_is_told(tmp_path: Path) -> None:
    with SoundFile(in_a_row(tmp_path, "flac")) as file:
        assert b"".join(file.pcm()) == pcm(noise(2.0))
        (told,) = file.remarks

    assert told.startswith("more than ")
    assert told.endswith(" bytes lie behind its end; they were not read")


@needs_ffmpeg
def test_a_wav_behind_a_wav_is_told(tmp_path: Path) -> None:
    with SoundFile(in_a_row(tmp_path, "wav")) as file:
        assert b"".join(file.pcm()) == pcm(noise(2.0))
        assert file.remarks == ("another WAV lies behind the first one in it, and was not read",)


@needs_ffmpeg
def test_a_flac_that_does_not_say_how_long_it_is_is_read(tmp_path: Path) -> None:
    path = flac_without_length(tmp_path / "a.flac")

    assert read(path) == pcm(noise(2.1))
    with SoundFile(path) as file:
        list(file.pcm())
        assert file.remarks == ()


def test_without_ffmpeg_the_end_of_such_a_flac_is_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_euler: None
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    told = refusal(flac_without_length(tmp_path / "a.flac"))

    assert "its end is missing, after 2.0 s: it does not say how long it is; install ffmpeg (dnf install ff" in told


@pytest.mark.parametrize(("missing", "is_whole"), [(0, True), (4, True), (6, False)])
def test_a_w64_whose_sound_ends_between_two_multiples_of_eight_bytes_is_whole(
    tmp_path: Path, missing: int, is_whole: bool
) -> None:
    """Chunks begin at such; SoX does not fill up the last one, and libsndfile notes how far it would reach."""
    path = write(tmp_path / "a.w64", noise(0.1)[:-1])
    content = path.read_bytes()
    at = content.index(b"data\xf3\xac\xd3\x11") + 16
    size = (24 + 3198).to_bytes(8, "little")
    path.write_bytes(content[:at] + size + content[at + 8 : at + 8 + 3198 - missing])

    if is_whole:
        assert read(path) == pcm(noise(0.1))[: 3198 - missing]
    else:
        assert "cut short: its header promises 0.1 s, 0.1 s are there" in refusal(path)
