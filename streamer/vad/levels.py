"""The level of a sound in decibels."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import SAMPLE_RATE

SILENCE_DBFS = -120.0
"""Level given to exact silence, decibels below full scale."""

_FULL_SCALE = 32768.0
_LOWEST_HZ = 150.0
"""Below it lie mains hum, rumble and the thumps of breath on a microphone, but nothing that tells syllables apart."""


def level_dbfs(pcm: bytes) -> float:
    """Root mean square of signed 16-bit little-endian samples, decibels below full scale.

    The mean is taken off first: a microphone's constant offset is no sound. Exact silence, and no samples at all, give
    :data:`SILENCE_DBFS`.
    """
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    if samples.size == 0:
        return SILENCE_DBFS
    samples -= samples.mean()
    power = float(np.dot(samples, samples)) / samples.size
    return decibels(power / _FULL_SCALE**2)


def voice_dbfs(pcm: bytes) -> float:
    """As :func:`level_dbfs`, of a frame's sound above 150 Hz only: what a voice may have brought."""
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
    if samples.size == 0:
        return SILENCE_DBFS
    window, low = _band(samples.size)
    # All power less that of the few lowest frequencies: much quicker than a whole transform, and the same.
    windowed, lowest = samples * window, low @ samples
    return decibels(float(windowed @ windowed - lowest @ lowest) / _FULL_SCALE**2)


@lru_cache(maxsize=4)
def _band(size: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """A window (size,) scaled to keep mean power, and the windowed sines and cosines below the band (rows, size)."""
    window = np.hanning(size + 1)[:-1]
    window /= np.sqrt(np.square(window).sum())
    turns = np.arange(size) / size
    rows = [np.ones(size)]
    for number in range(1, size // 2 + 1):
        if number * SAMPLE_RATE / size >= _LOWEST_HZ:
            break
        rows += [np.sqrt(2.0) * wave(2.0 * np.pi * number * turns) for wave in (np.cos, np.sin)]
    return window, np.array(rows) * window / np.sqrt(size)


def decibels(power: float) -> float:
    """Power relative to full scale as decibels, not below :data:`SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


def power(level: float) -> float:
    """The inverse of :func:`decibels`."""
    return float(10.0 ** (level / 10.0))
