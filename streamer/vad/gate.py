"""The evidence gate: whether what was decoded was said."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

import numpy as np

from streamer.settings.gate import GateSettings
from streamer.types import FRAME_SAMPLES, Hypothesis
from streamer.vad.levels import SILENCE_DBFS, level_dbfs


@dataclass(frozen=True, slots=True)
class SoundStatistics:
    """What an utterance's samples show without any model."""

    level_dbfs: float
    """Level that the loudest tenth of its frames reach, decibels below full scale."""


def measure(pcm: bytes) -> SoundStatistics:
    """Statistics of signed 16-bit little-endian samples."""
    size = 2 * FRAME_SAMPLES
    levels = [level_dbfs(pcm[at : at + size]) for at in range(0, len(pcm), size)]
    return SoundStatistics(level_dbfs=float(np.quantile(levels, 0.9)) if levels else SILENCE_DBFS)


def sift(hypothesis: Hypothesis, sound: SoundStatistics, settings: GateSettings) -> Hypothesis:
    """The hypothesis as it is, or without its tokens where they lack evidence.

    Pure, so finals stay a function of the recording and the settings.
    """
    return hypothesis if is_evident(hypothesis, sound, settings) else dataclasses.replace(hypothesis, tokens=())


def is_evident(hypothesis: Hypothesis, sound: SoundStatistics, settings: GateSettings) -> bool:
    """Whether sound and scores both speak for the text."""
    if not hypothesis.tokens or sound.level_dbfs < settings.min_level_dbfs:
        return False
    scores = [token.score for token in hypothesis.tokens if token.score is not None]
    return not scores or sum(scores) / len(scores) >= settings.min_mean_score
