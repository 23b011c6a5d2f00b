"""Sound files that are refused, and in which words."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from streamer.errors import AudioFileError
from tests.audio.reading import needs_ffmpeg, read, refusal
from tests.disks import locked
from tests.sounds import tone, write


def test_a_channel_that_the_file_lacks_is_refused_by_name(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.1))

    with pytest.raises(AudioFileError, match=r"a\.wav: channel 2 was asked for, but there are 1"):
        read(path, channel=2)


@needs_ffmpeg
def test_a_film_without_sound_is_refused(tmp_path: Path) -> None:
    film = tmp_path / "a.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "lavfi", "-i", "color=s=16x16:d=0.2", film], check=True)

    with pytest.raises(AudioFileError, match=r"a\.mp4: no sound file .*; ffmpeg: it has no track of sound\)$"):
        read(film)


def test_without_ffmpeg_the_message_says_that_it_would_help(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, open_euler: None
) -> None:
    monkeypatch.setenv("PATH", "")
    path = tmp_path / "a.m4a"
    path.write_bytes(b"\0\0\0\x18ftypM4A ")

    with pytest.raises(
        AudioFileError,
        match=r"a\.m4a: libsndfile cannot read it \(.*\); with ffmpeg \(dnf install ffmpeg\) installed, ",
    ):
        read(path)


def test_an_ffmpeg_that_cannot_be_started_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One for another processor."""
    program = tmp_path / "ffmpeg"
    program.write_bytes(b"\x7fELF")
    program.chmod(0o700)
    monkeypatch.setenv("PATH", str(tmp_path))
    path = tmp_path / "noise.xyz"
    path.write_bytes(b"not a sound" * 100)
    with pytest.raises(AudioFileError, match="ffmpeg: it cannot be started: Exec format error"):
        read(path)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.wav") == f"{tmp_path / 'a.wav'}: there is no such file"


@pytest.mark.parametrize("address", ["http://radio/live.mp3", "rtsp://camera:554/1"])
def test_an_address_is_pointed_to_ffmpeg(address: str) -> None:
    told = refusal(Path(address))

    assert "it is an address, and sounds are read from files" in told
    assert f"`ffmpeg -nostdin -v error -i {address} -f s16le -ar 16000 -ac 1 - | streamer run --source -`" in told


def test_an_empty_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.wav").touch()

    assert refusal(tmp_path / "a.wav") == f"{tmp_path / 'a.wav'}: the file is empty (0 bytes)"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path) == f"{tmp_path}: it is a folder"


def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.wav")

    assert refusal(tmp_path / "a.wav").endswith(
        ": it is no regular file; `streamer run --source -` reads raw PCM from a pipe"
    )


def test_a_name_with_a_zero_byte_is_refused() -> None:
    assert "embedded null" in refusal(Path("a\0.wav"))


def test_a_file_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.1))

    with locked(path):
        assert refusal(path) == f"{path}: no permission to read it"


@pytest.mark.parametrize("content", [b"hello, this is no sound\n" * 99, bytes(5_000), b"RIFF", b"fLaC\0\0\0\x22"])
def test_what_is_no_sound_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(content)

    assert refusal(path).startswith(f"{path}: ")


def test_a_header_with_an_impossible_rate_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", tone(0.1))
    content = bytearray(path.read_bytes())
    content[24:28] = (3).to_bytes(4, "little")
    path.write_bytes(content)

    assert "a sample rate of 3 Hz" in refusal(path)
