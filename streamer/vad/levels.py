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
    samples = np.frombuffer(pcm, dtype="<i2").astype(np.float32)
    if samples.size == 0:
        return SILENCE_DBFS
    window, weights = _band(samples.size)
    spectrum = np.fft.rfft(samples * window)
    power = float(np.dot(weights, spectrum.real**2 + spectrum.imag**2))
    return decibels(power / _FULL_SCALE**2)


@lru_cache(maxsize=4)
def _band(size: int) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.float64]]:
    """A window (size,), and the weights (size // 2 + 1,) that make mean power of a windowed spectrum."""
    window = np.hanning(size + 1)[:-1].astype(np.float32)
    hertz = np.fft.rfftfreq(size, 1.0 / SAMPLE_RATE)
    sides = np.where((hertz > 0.0) & (hertz < SAMPLE_RATE / 2), 2.0, 1.0)
    weights = np.where(hertz >= _LOWEST_HZ, sides, 0.0) / size / float(np.square(window).sum())
    return window, weights


def decibels(power: float) -> float:
    """Power relative to full scale as decibels, not below :data:`SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


def power(level: float) -> float:
    """The inverse of :func:`decibels`."""
    return float(10.0 ** (level / 10.0))
