"""Small meetings for tests."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np

from streamer.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    EndReason,
    Frame,
    MeetingStarted,
    Segment,
    SegmentFinalized,
    Token,
)

START = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
STARTED = MeetingStarted("20261120T063000Z-3f9a", "周会", "room-1", "test", "zh 1", START)


def frame(number: int) -> Frame:
    """The n-th frame of a meeting; each has its own sound."""
    rng = np.random.default_rng(number)
    return Frame(rng.integers(-900, 900, FRAME_SAMPLES, dtype="<i2").tobytes(), number * FRAME_SAMPLES)


def sound(start_sample: int, end_sample: int) -> bytes:
    """What :func:`frame` puts between two positions."""
    first, last = start_sample // FRAME_SAMPLES, -(-end_sample // FRAME_SAMPLES)
    pcm = b"".join(frame(number).pcm for number in range(first, last))
    return pcm[(start_sample - first * FRAME_SAMPLES) * 2 :][: (end_sample - start_sample) * 2]


def segment(number: int, text: str, start_s: float, end_s: float, spoken: str | None = None) -> Segment:
    """A final, its tokens spread evenly."""
    start, end = int(start_s * SAMPLE_RATE), int(end_s * SAMPLE_RATE)
    characters = "".join(one for one in text if one.isalnum()) if spoken is None else spoken
    step = (end - start) // max(1, len(characters))
    tokens = tuple(
        Token(one, "x1", start + index * step, start + (index + 1) * step, -0.25, 0.9)
        for index, one in enumerate(characters)
    )
    at = START + timedelta(seconds=start_s)
    return Segment(number, 3, start, end, at, text, characters, len(characters), tokens, True, EndReason.SILENCE)


def final(number: int, text: str, start_s: float, end_s: float, spoken: str | None = None) -> SegmentFinalized:
    """The event of :func:`segment`."""
    return SegmentFinalized(segment(number, text, start_s, end_s, spoken))
