"""Files of frames without a container, which decoders read as far as they are whole."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from streamer.audio.decoders.bare_frames import ends_within_a_frame
from streamer.audio.files import SoundFile
from tests.audio.reading import needs_ffmpeg
from tests.sounds import noise, write

MP3 = ("-write_xing", "0", "-id3v2_version", "0", "-b:a", "64k")
REMARK = "it ends within a frame, so that more of it may be missing"


def encoded(folder: Path, name: str, *options: str) -> Path:
    """Three seconds by ffmpeg."""
    source, path = write(folder / "source.wav", noise(3.0)), folder / name
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, *options, path], check=True)
    return path


def is_broken_off(path: Path) -> bool:
    with path.open("rb") as file:
        return ends_within_a_frame(file.fileno())


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.mp3", MP3),
        ("a.mp3", (*MP3, "-ar", "44100")),
        ("a.mp3", (*MP3, "-ar", "8000")),
        ("a.mp3", ("-q:a", "5")),
        ("a.mp2", ()),
        ("a.mp2", ("-ar", "48000", "-ac", "2")),
        ("a.gsm", ("-ar", "8000")),
    ],
)
def test_a_last_frame_that_is_not_whole_is_seen(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = encoded(tmp_path, name, *options)
    assert not is_broken_off(path)

    os.truncate(path, path.stat().st_size - 20)
    assert is_broken_off(path)


@needs_ffmpeg
def test_a_tag_behind_the_last_frame_is_no_frame(tmp_path: Path) -> None:
    path = encoded(tmp_path, "a.mp3", *MP3)
    with path.open("ab") as file:
        file.write(b"TAG" + bytes(100))

    assert not is_broken_off(path)


@needs_ffmpeg
def test_a_tag_before_the_first_frame_hides_nothing(tmp_path: Path) -> None:
    path = encoded(tmp_path, "a.mp3", *MP3)
    path.write_bytes(b"ID3\x04\x00\x00" + bytes([0, 2, 0, 0]) + b"\xff" * 32_768 + path.read_bytes()[:-20])

    assert is_broken_off(path)


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.ogg"])
def test_files_with_containers_are_none_of_these(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, noise(1.0))
    os.truncate(path, path.stat().st_size - 20)

    assert not is_broken_off(path)


@pytest.mark.parametrize("content", [b"", b"\xff", b"\xff\xfb\x90\x00", b"\xff\xfb\x90\x00" * 5000, bytes(40_000)])
def test_what_is_no_sound_is_none_of_these(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.mp3"
    path.write_bytes(content)

    assert not is_broken_off(path)


@needs_ffmpeg
def test_what_is_cut_within_a_frame_is_read_and_told(tmp_path: Path) -> None:
    path = encoded(tmp_path, "a.mp2")
    os.truncate(path, path.stat().st_size // 2 + 10)

    with SoundFile(path) as file:
        seconds = sum(len(pcm) for pcm in file.pcm()) / 32_000
        told = file.remarks

    assert seconds == pytest.approx(1.5, abs=0.1)
    assert told[-1] == REMARK
