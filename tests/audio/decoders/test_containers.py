"""Files that end before their containers do, whose decoders would not say so."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from streamer.audio.decoders.containers import missing_bytes
from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError
from tests.audio.reading import needs_ffmpeg
from tests.sounds import noise, write

SOUNDS = [
    ("a.caf", {"subtype": "PCM_16"}),
    ("a.caf", {"subtype": "PCM_24"}),
    ("a.caf", {"subtype": "ULAW"}),
    ("a.caf", {"subtype": "ALAC_16"}),
    ("a.voc", {"subtype": "PCM_U8"}),
    ("a.w64", {"subtype": "IMA_ADPCM"}),
]
ENCODED = [
    ("a.wma", ()),
    ("a.avi", ()),
    ("a.mka", ()),
    ("a.webm", ()),
    ("a.oga", ("-codec:a", "flac")),
    ("a.caf", ("-codec:a", "adpcm_ima_qt")),
    ("a.voc", ()),
]


def encoded(folder: Path, name: str, options: tuple[str, ...], target: str = "") -> Path:
    """Ten seconds by ffmpeg; ``target``: the format of what is written into a pipe, where no size is known."""
    source, path = write(folder / "source.wav", noise(10.0)), folder / name
    command = ["ffmpeg", "-v", "error", "-i", source, *options]
    if target:
        path.write_bytes(subprocess.run([*command, "-f", target, "pipe:1"], check=True, stdout=subprocess.PIPE).stdout)
    else:
        subprocess.run([*command, path], check=True)
    return path


def missing(path: Path) -> int:
    with path.open("rb") as file:
        return missing_bytes(file.fileno())


def assert_cut_in_half_is_told(path: Path) -> None:
    size = path.stat().st_size
    os.truncate(path, size // 2)

    heard: list[bytes] = []
    with SoundFile(path) as file, pytest.raises(AudioFileError, match=rf"{path.name}: cut short\b.* after \d\.\d s"):
        # extend() keeps what came before the error.
        heard.extend(file.pcm())
    assert len(b"".join(heard)) / 32_000 == pytest.approx(4.7, abs=0.7)  # a page or a block is whole or nothing


@pytest.mark.parametrize(("name", "options"), SOUNDS)
def test_sound_whose_container_goes_on_is_cut_short(tmp_path: Path, name: str, options: dict[str, str]) -> None:
    path = write(tmp_path / name, noise(10.0), **options)

    assert missing(path) == 0
    assert_cut_in_half_is_told(path)


@needs_ffmpeg
@pytest.mark.parametrize(("name", "options"), ENCODED)
def test_a_container_that_ffmpeg_reads_is_cut_short(tmp_path: Path, name: str, options: tuple[str, ...]) -> None:
    path = encoded(tmp_path, name, options)

    assert missing(path) == 0
    assert_cut_in_half_is_told(path)


@needs_ffmpeg
@pytest.mark.parametrize(("name", "target"), [("a.caf", "caf"), ("a.w64", "w64"), ("a.wma", "asf"), ("a.avi", "avi")])
def test_what_was_written_into_a_pipe_tells_no_length(tmp_path: Path, name: str, target: str) -> None:
    path = encoded(tmp_path, name, (), target)
    os.truncate(path, path.stat().st_size // 2)

    assert missing(path) == 0


@needs_ffmpeg
def test_a_webm_of_a_browser_that_ends_within_a_part_is_cut_short(tmp_path: Path) -> None:
    """Its length is never known."""
    path = encoded(tmp_path, "a.webm", ("-live", "1"), "webm")
    os.truncate(path, path.stat().st_size // 2)

    assert missing(path) == 0
    with SoundFile(path) as file, pytest.raises(AudioFileError, match=r"cut short after 4\.\d s: its last part is not"):
        list(file.pcm())


def test_padding_that_lacks_is_no_sound(tmp_path: Path) -> None:
    path = write(tmp_path / "a.caf", noise(1.0), subtype="PCM_16")
    os.truncate(path, path.stat().st_size - 16)
    assert missing(path) == 0

    os.truncate(path, path.stat().st_size - 1)
    assert missing(path) == 17


def test_an_ogg_without_an_end_is_read_and_told(tmp_path: Path) -> None:
    """A whole number of its pages may be gone; what records a stream of the network writes such files, too."""
    path = write(tmp_path / "a.ogg", noise(10.0))
    content = path.read_bytes()
    path.write_bytes(content[: content.rindex(b"OggS")])

    with SoundFile(path) as file:
        seconds = sum(len(pcm) for pcm in file.pcm()) / 32_000
        told = file.remarks

    assert 8 < seconds < 10
    assert told == ("it has no end, so that some of it may be missing",)


@pytest.mark.parametrize("size", [2**62, 2**63 - 1])
def test_a_caf_that_counts_more_than_any_disk_holds_says_nothing_of_its_length(tmp_path: Path, size: int) -> None:
    path = write(tmp_path / "a.caf", noise(1.0), subtype="PCM_16")
    content = bytearray(path.read_bytes())
    at = content.index(b"data") + 4
    content[at : at + 8] = size.to_bytes(8, "big")
    path.write_bytes(content)

    assert missing(path) == 0


@pytest.mark.parametrize(
    ("head", "part"),
    [
        (b"caff\0\1\0\0", bytes(12)),
        (b"Creative Voice File\x1a\x1a\0", b"\1\0\0\0"),
        (b"", b"RIFF\4\0\0\0AVI "),
    ],
)
def test_a_container_full_of_empty_parts_is_not_walked_through(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, head: bytes, part: bytes
) -> None:
    path = tmp_path / "a"
    path.write_bytes(head + part * 200_000)
    looks: list[int] = []
    pread = os.pread

    def counted(descriptor: int, size: int, position: int) -> bytes:
        looks.append(position)
        return pread(descriptor, size, position)

    monkeypatch.setattr(os, "pread", counted)

    assert missing(path) == 0
    assert len(looks) <= 100_002
