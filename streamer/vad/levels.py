"""The level of a sound in decibels."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import FRAME_SAMPLES, SAMPLE_RATE

SILENCE_DBFS = -120.0
"""Level given to exact silence, decibels below full scale."""

_FULL_SCALE = 32768.0
_AT_ONCE = 100 * FRAME_SAMPLES
"""Samples worked on together. The arrays of more leave the processor's cache, and may be given back each time."""
_SILENCE_POWER = 1e-13
"""Below that of :data:`SILENCE_DBFS`."""
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


def voice_levels(pcm: bytes) -> list[float]:
    """As :func:`level_dbfs`, of each frame's sound above 150 Hz only: what a voice may have brought.

    A frame's level is the same to the last bit, however many others it comes with: where utterances begin and end must
    not depend on how the sound arrived.

    Args:
        pcm: any number of frames.
    """
    samples = np.frombuffer(pcm, dtype="<i2")
    levels: list[float] = []
    for first in range(0, samples.size, _AT_ONCE):
        levels += _voice_levels(samples[first : first + _AT_ONCE])
    return levels


def _voice_levels(samples: npt.NDArray[np.int16]) -> list[float]:
    frames = samples.astype(np.float64).reshape(-1, 1, FRAME_SAMPLES)
    window, low = _band()
    # All power less that of the few lowest frequencies: much quicker than a whole transform, and the same. A product
    # for each frame: the BLAS adds up those of one large matrix in an order that depends on how many rows there are.
    windowed, lowest = frames * window, np.matmul(low, frames.transpose(0, 2, 1))
    powers = np.maximum(_squared(windowed) - _squared(lowest.transpose(0, 2, 1)), _SILENCE_POWER)
    levels: list[float] = np.maximum(10.0 * np.log10(powers), SILENCE_DBFS).tolist()
    return levels


def _squared(rows: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The squared length of each row, (n, 1, size) to (n,)."""
    squared: npt.NDArray[np.float64] = np.matmul(rows, rows.transpose(0, 2, 1)).reshape(-1)
    return squared


@lru_cache(maxsize=1)
def _band() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What takes the low frequencies off a frame.

    Returns:
        A window ``(FRAME_SAMPLES,)`` scaled to make the mean power of full scale 1, and the windowed sines and cosines
        below the band, ``(waves, FRAME_SAMPLES)``.
    """
    window = np.hanning(FRAME_SAMPLES + 1)[:-1]
    window /= np.sqrt(np.square(window).sum()) * _FULL_SCALE
    turns = np.arange(FRAME_SAMPLES) / FRAME_SAMPLES
    rows = [np.ones(FRAME_SAMPLES)]
    for number in range(1, FRAME_SAMPLES // 2 + 1):
        if number * SAMPLE_RATE / FRAME_SAMPLES >= _LOWEST_HZ:
            break
        rows += [np.sqrt(2.0) * wave(2.0 * np.pi * number * turns) for wave in (np.cos, np.sin)]
    return window, np.array(rows) * window / np.sqrt(FRAME_SAMPLES)


def decibels(power: float) -> float:
    """Power relative to full scale as decibels, not below :data:`SILENCE_DBFS`."""
    return max(SILENCE_DBFS, 10.0 * math.log10(power)) if power > 0.0 else SILENCE_DBFS


def power(level: float) -> float:
    """The inverse of :func:`decibels`."""
    return float(10.0 ** (level / 10.0))
