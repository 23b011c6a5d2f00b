"""An utterance that grows."""

from __future__ import annotations

import numpy as np

from streamer.types import EndReason, Utterance
from tests.tonepack import hiss, tone

START = 50_000
SOUND = np.concatenate([hiss(0.3), tone(0, 0.2), hiss(0.3), tone(3, 0.2), tone(4, 0.2), hiss(0.3)])


def snapshot(seconds: float = 9, *, revision: int = 0, end_reason: EndReason | None = None) -> Utterance:
    """The first seconds of the sound."""
    pcm = SOUND[: round(seconds * 16_000)].tobytes()
    return Utterance(7, revision, START, START + len(pcm) // 2, pcm, end_reason)
