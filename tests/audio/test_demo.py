from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from streamer.audio.demo import DEMO_SOUND
from streamer.audio.files import SoundFile


@dataclass(frozen=True)
class DemoLine:
    """What one of the three says; times in seconds from the beginning."""

    start: float
    end: float
    speaker: str
    text: str


def demo_lines() -> list[DemoLine]:
    """The transcript, in order."""
    rows = DEMO_SOUND.with_suffix(".tsv").read_text(encoding="utf-8").splitlines()[1:]
    cells = [row.split("\t") for row in rows]
    return [DemoLine(float(start), float(end), speaker, text) for start, end, speaker, text in cells]


@pytest.fixture(scope="module")
def sound() -> np.ndarray:
    with SoundFile(DEMO_SOUND) as file:
        return np.frombuffer(b"".join(file.pcm()), "<i2").astype(np.float64) / 32768


def test_it_lasts_about_a_minute_and_is_small(sound: np.ndarray) -> None:
    assert 50 < len(sound) / 16_000 < 90
    assert DEMO_SOUND.stat().st_size < 400_000


def test_lines_follow_each_other_within_the_sound(sound: np.ndarray) -> None:
    lines = demo_lines()
    times = [time for line in lines for time in (line.start, line.end)]

    assert times == sorted(times)
    assert times[-1] < len(sound) / 16_000
    assert len({line.speaker for line in lines}) == 3


def test_speech_is_where_the_transcript_says(sound: np.ndarray) -> None:
    def level(start: float, end: float) -> float:
        part = sound[round(start * 16_000) : round(end * 16_000)]
        return float(10 * np.log10(np.mean(part**2)))

    lines = demo_lines()
    spoken = [level(line.start, line.end) for line in lines]
    silent = [level(one.end + 0.15, two.start - 0.05) for one, two in pairwise(lines)]

    assert min(spoken) > -36
    assert max(silent) < -50


def test_its_notice_says_that_it_is_synthetic_and_not_for_business() -> None:
    notice = DEMO_SOUND.with_name("NOTICE").read_text(encoding="utf-8")

    assert "SYNTHETIC" in notice
    assert "non-commercial" in notice
