"""The level of a sound in decibels."""

from __future__ import annotations

import math

import numpy as np

SILENCE_DBFS = -120.0
"""Level given to exact silence, decibels below full scale."""

_FULL_SCALE = 32768.0


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


def decibels(power: float) -> float:
    """Power relative to full scale as decibels, not below :data:`SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


def power(level: float) -> float:
    """The inverse of :func:`decibels`."""
    return float(10.0 ** (level / 10.0))
