"""A made-up meeting without end: frequent characters, and noise."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np

from streamer.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    EndReason,
    Frame,
    MeetingStarted,
    Segment,
    Token,
)

START = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
SEGMENT_SECONDS = 3.6
"""A thousand lines an hour."""
CHARACTERS = 14
"""Of a line."""


def started(meeting_id: str, at: datetime = START) -> MeetingStarted:
    """What a made-up meeting begins with."""
    return MeetingStarted(meeting_id, "周会", "room", "benchmark", "none", at)


def frames(seconds: float) -> Iterator[Frame]:
    """Noise, the same second again and again."""
    rng = np.random.default_rng(1)
    second = [rng.integers(-900, 900, FRAME_SAMPLES, dtype="<i2").tobytes() for _ in range(50)]
    for number in range(int(seconds * 50)):
        yield Frame(second[number % 50], number * FRAME_SAMPLES)


def segments(seed: int) -> Iterator[Segment]:
    """Lines of frequent characters without end; now and then one that is searched for."""
    chosen = random.Random(seed)  # noqa: S311 - repeatable text
    common = "的一是了我不人在他有这个上们来到时大地为子中你说生国年着就那和要她出也得里后自以会家可下而过天去能"
    for number in itertools.count(1):
        text = "".join(chosen.choices(common, k=CHARACTERS))
        if chosen.random() < 0.01:
            text = chosen.choice(("预算", "下周三", "二零二六")) + text[2:]
        start, end = int((number - 1) * SEGMENT_SECONDS * SAMPLE_RATE), int(number * SEGMENT_SECONDS * SAMPLE_RATE)
        step = (end - start) // len(text)
        tokens = tuple(
            Token(
                one, "zhong1", start + at * step, start + (at + 1) * step, -0.2, 0.3 if chosen.random() < 0.05 else 0.9
            )
            for at, one in enumerate(text)
        )
        segment = Segment(number, 3, start, end, START, f"{text}。", text, len(text), tokens, True, EndReason.SILENCE)
        yield replace(segment, started_at=START + timedelta(seconds=start / SAMPLE_RATE))
