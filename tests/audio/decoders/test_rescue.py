"""Sound files that are damaged in the middle."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError
from tests.audio.reading import needs_ffmpeg
from tests.sounds import loudest_hertz, noise, tone, write

HERTZ = (300, 500, 700, 900, 1100, 1300)
BEFORE = [300, 300, 500, 500, 700, 700]


def damaged(path: Path, seed: int) -> Path:
    """Six tones of two seconds each; somewhere in the fourth there are other bytes."""
    write(path, np.concatenate([tone(2.0, hertz=hertz) for hertz in HERTZ]) + noise(12.0))
    content = bytearray(path.read_bytes())
    at = len(content) * 7 // 12
    content[at : at + 600] = np.random.default_rng(seed).bytes(600)
    path.write_bytes(content)
    return path


def heard(path: Path) -> tuple[list[int], str]:
    """The tone of each whole second of a file, and why it was refused at the end."""
    pieces: list[bytes] = []
    with SoundFile(path) as file, pytest.raises(AudioFileError) as refused:
        pieces.extend(file.pcm())
    sound = b"".join(pieces)
    seconds = [sound[at : at + 32_000] for at in range(0, len(sound) - 31_999, 32_000)]
    return [100 * round(loudest_hertz(one) / 100) for one in seconds], str(refused.value).removeprefix(f"{path}: ")


@needs_ffmpeg
@pytest.mark.parametrize(
    ("name", "seed", "reason"),
    [
        ("a.mp3", 3, r"damaged after 7\.1 s: no frame can be decoded there"),
        ("a.mp3", 4, r"damaged after 7\.1 s: no frame can be decoded there"),
        ("a.flac", 1, r"damaged after 6\.8 s: .* lost sync"),
    ],
)
def test_what_lies_behind_damage_is_read_with_ffmpeg_and_nothing_twice(
    tmp_path: Path, name: str, seed: int, reason: str
) -> None:
    tones, told = heard(damaged(tmp_path / name, seed))

    assert list(dict.fromkeys(tones)) == list(HERTZ)
    assert tones == sorted(tones)
    assert 11 <= len(tones) <= 12
    found = r"; behind that ffmpeg found [45]\.\d s, which were read; their times may be early"
    assert re.fullmatch(reason + found, told)


@pytest.mark.parametrize("seed", [3, 4])
def test_without_ffmpeg_reading_ends_where_an_mp3_is_damaged(
    tmp_path: Path, seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)

    assert heard(damaged(tmp_path / "a.mp3", seed)) == (
        [*BEFORE, 900],
        "damaged after 7.1 s: no frame can be decoded there",
    )
