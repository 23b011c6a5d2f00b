"""Sound files that end too early, or do not say where they end."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import soundfile

from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError
from streamer.types import Frame
from tests.audio.reading import convert, needs_ffmpeg, read, refusal
from tests.sounds import noise, pcm, write


@pytest.mark.parametrize("name", ["a.wav", "a.flac", "a.mp3", "a.ogg"])
def test_what_is_left_of_a_truncated_file_is_read_before_the_refusal(tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, noise(10.0))
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    frames: list[Frame] = []
    with SoundFile(path) as file, pytest.raises(AudioFileError, match=rf"{name}: (cut short|damaged after)"):
        # extend() keeps what came before the error.
        frames.extend(file.frames())

    assert len(frames) * 0.02 == pytest.approx(5.0, abs=0.6)  # Ogg is read by the page


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.wav", {"subtype": "PCM_24"}),
        ("a.wav", {"format": "WAVEX"}),
        ("a.aiff", {}),
        ("a.aiff", {"subtype": "PCM_24"}),
        ("a.au", {}),
        ("a.w64", {}),
        ("a.wav", {"format": "RF64"}),
        ("a.voc", {}),
    ],
)
def test_a_file_that_is_cut_short_says_what_its_header_promises(
    tmp_path: Path, name: str, options: dict[str, str]
) -> None:
    path = write(tmp_path / name, noise(10.0), **options)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with SoundFile(path) as file, pytest.raises(AudioFileError) as refused:
        list(file.frames())

    assert str(refused.value) == f"{path}: cut short: its header promises 10.0 s, 5.0 s are there"


def test_a_wav_of_which_only_the_header_is_there_is_cut_short(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(10.0))
    path.write_bytes(path.read_bytes()[:44])

    with SoundFile(path) as file, pytest.raises(AudioFileError, match=r"promises 10\.0 s, 0\.0 s are there"):
        list(file.frames())


@needs_ffmpeg
def test_an_m4a_whose_end_is_missing_says_so(tmp_path: Path) -> None:
    path = convert(write(tmp_path / "a.wav", noise(5.0)), tmp_path / "a.m4a")
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    assert "the end of the file is missing" in refusal(path)


@needs_ffmpeg
def test_an_m4a_that_ends_before_its_index_does_is_cut_short(tmp_path: Path) -> None:
    path = tmp_path / "a.m4a"
    source = write(tmp_path / "a.wav", noise(10.0))
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, "-movflags", "+faststart", path], check=True)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])

    with SoundFile(path) as file, pytest.raises(AudioFileError, match=r"a\.m4a: cut short after [45]\.\d s"):
        list(file.frames())


@pytest.mark.parametrize("size", [b"\xff\xff\xff\xff", b"\x00\xf0\xff\x7f"])  # FFmpeg's, SoX's
def test_a_wav_that_was_written_into_a_pipe_is_complete(tmp_path: Path, size: bytes) -> None:
    path = write(tmp_path / "a.wav", noise(1.0))
    content = bytearray(path.read_bytes())
    content[4:8] = content[40:44] = size
    path.write_bytes(content)

    assert read(path) == pcm(noise(1.0))


def write_never_finished(path: Path, size: bytes) -> Path:
    """A WAV of a second whose writer died before it could say how long it is."""
    content = bytearray(write(path, noise(1.0)).read_bytes())
    content[4:8], content[40:44] = size, bytes(4)
    path.write_bytes(content)
    return path


@needs_ffmpeg
@pytest.mark.parametrize("size", [bytes(4), b"\x24\0\0\0", b"\xff\xff\xff\xff"])
def test_a_wav_that_was_never_finished_is_read(tmp_path: Path, size: bytes) -> None:
    assert read(write_never_finished(tmp_path / "a.wav", size)) == pcm(noise(1.0))


def test_a_wav_that_was_never_finished_is_refused_without_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "its header was never finished, and says that no sound follows" in refusal(
        write_never_finished(tmp_path / "a.wav", bytes(4))
    )


def write_overflown(path: Path) -> Path:
    """A WAV of 4 GiB and a second whose header counted the second; the 4 GiB behind it are silent."""
    write(path, noise(1.0))
    os.truncate(path, path.stat().st_size + 2**32)
    return path


@needs_ffmpeg
def test_a_wav_that_is_longer_than_its_header_can_count_is_read_on(tmp_path: Path) -> None:
    with SoundFile(write_overflown(tmp_path / "a.wav")) as file:
        pieces, heard = file.pcm(), b""
        while len(heard) < 64_000:
            heard += next(pieces)

    assert heard[:64_000] == pcm(noise(1.0)) + bytes(32_000)


@needs_ffmpeg
def test_a_wav_that_is_longer_than_its_header_can_count_is_not_read_through_for_its_tracks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[Sequence[str]] = []

    def noted(process: subprocess.Popen[bytes], command: Sequence[str], **options: Any) -> None:
        started.append(command)
        start(process, command, **options)

    start = subprocess.Popen.__init__
    monkeypatch.setattr(subprocess.Popen, "__init__", noted)
    with SoundFile(write_overflown(tmp_path / "a.wav")):
        assert ["-ignore_length" in command for command in started] == [True]


def test_a_wav_that_is_longer_than_its_header_can_count_is_refused_without_ffmpeg(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert "a WAV's header counts to 4 GiB, and the file is longer" in refusal(write_overflown(tmp_path / "a.wav"))


def test_what_lies_behind_the_sound_of_a_wav_is_no_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(1.0))
    with path.open("ab") as file:
        file.write(b"TAG" + bytes(125))

    with SoundFile(path) as sound:
        assert b"".join(sound.pcm()) == pcm(noise(1.0))
        assert sound.remarks == ()


def test_a_wav_that_goes_on_behind_what_its_header_counts_is_told(tmp_path: Path) -> None:
    path = write(tmp_path / "a.wav", noise(3.0))
    content = bytearray(path.read_bytes())
    content[4:8], content[40:44] = (36 + 32_000).to_bytes(4, "little"), (32_000).to_bytes(4, "little")
    path.write_bytes(content)

    with SoundFile(path) as file:
        heard = b"".join(file.pcm())
        told = file.remarks

    assert heard == pcm(noise(3.0))[:32_000]
    advice = "if they are sound, `ffmpeg -ignore_length 1 -i OLD.wav NEW.wav` makes a whole file"
    assert told == (f"64000 bytes lie behind the sound that its header counts; {advice}",)


def test_a_wav_without_sound_is_read(tmp_path: Path) -> None:
    assert read(write(tmp_path / "a.wav", noise(0.0))) == b""


def test_an_mp3_behind_a_large_tag_is_cut_short_too(tmp_path: Path) -> None:
    path = write(tmp_path / "a.mp3", noise(10.0))
    sound = path.read_bytes()
    picture = b"ID3\x04\x00\x00" + bytes([0, 2, 0, 0]) + b"\xff" * 32_768
    path.write_bytes(picture + sound[: len(sound) // 2])

    with SoundFile(path) as file, pytest.raises(AudioFileError, match=r"cut short: its header promises 10\.0 s, "):
        list(file.frames())


def test_an_opus_file_that_is_cut_short_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.opus"
    soundfile.write(path, noise(10.0), 16_000, format="OGG", subtype="OPUS")
    assert len(read(path)) == 320_000
    path.write_bytes(path.read_bytes()[:-1])

    with (
        SoundFile(path) as file,
        pytest.raises(AudioFileError, match=r"cut short: \d+ bytes are missing after \d\.\d s"),
    ):
        list(file.frames())


LOUD, STILL = noise(1.0), np.zeros(16_000 * 9, dtype=np.float32)


def write_mp3_without_length(path: Path, *sounds: npt.NDArray[np.float32]) -> Path:
    """Its bitrate varies, so that nobody knows how long it is before the end."""
    with soundfile.SoundFile(
        path, "w", 16_000, 1, format="MP3", bitrate_mode="VARIABLE", compression_level=0.5
    ) as file:
        file.write(np.concatenate(sounds))
    content = path.read_bytes()
    path.write_bytes(content[content.index(content[:2], 4) :])  # without the first frame, which holds the length
    return path


@pytest.mark.parametrize("program", [None, pytest.param(shutil.which("ffmpeg"), marks=needs_ffmpeg)])
def test_an_mp3_that_does_not_say_how_long_it_is_is_not_cut_short(
    tmp_path: Path, program: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its length is an estimate then, from its first frame."""
    monkeypatch.setattr(shutil, "which", lambda _: program)
    with SoundFile(write_mp3_without_length(tmp_path / "a.mp3", STILL, LOUD)) as file:
        seconds = sum(len(pcm) for pcm in file.pcm()) / 32_000

        assert seconds == pytest.approx(10.0, abs=0.2)
        assert file.remarks == ()


@needs_ffmpeg
def test_ffmpeg_reads_all_of_an_mp3_that_is_longer_than_its_first_frames_promise(tmp_path: Path) -> None:
    with SoundFile(write_mp3_without_length(tmp_path / "a.mp3", LOUD, STILL)) as file:
        assert sum(len(pcm) for pcm in file.pcm()) / 32_000 == pytest.approx(10.0, abs=0.2)


def test_what_libsndfile_leaves_of_such_an_mp3_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    path = write_mp3_without_length(tmp_path / "a.mp3", LOUD, STILL)

    with (
        SoundFile(path) as file,
        pytest.raises(AudioFileError, match=r"bytes are left after 1\.6 s: .*ffmpeg"),
    ):
        list(file.frames())


def test_a_tag_after_such_an_mp3_is_no_sound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    path = write_mp3_without_length(tmp_path / "a.mp3", STILL, LOUD)
    path.write_bytes(path.read_bytes() + b"TAG" + b" " * 125)

    with SoundFile(path) as file:
        assert sum(len(pcm) for pcm in file.pcm()) / 32_000 == pytest.approx(10.0, abs=0.2)
