"""Dither by place: the same samples get the same noise, however they are cut into calls."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import MAX_UTTERANCE_SAMPLES


def dither(first: int, count: int, amplitude: float, seed: int) -> npt.NDArray[np.float64]:
    """Uniform noise for the samples of an utterance from ``first`` on, each by its place.

    Args:
        first: place of the first sample in its utterance.
        count: samples; with ``first`` at most 160,000.
        amplitude: of the noise, in the unit of the samples.
        seed: of all of it.
    """
    return np.multiply(_scattered(seed)[first : first + count], amplitude * 2.0**-31, dtype=np.float64)


@lru_cache(maxsize=2)
def _scattered(seed: int) -> npt.NDArray[np.int32]:
    """The places of the longest utterance's samples, each scattered over 32 bits as MurmurHash3 ends (``fmix32``).

    Importing numpy's generators takes 3 MB, and nothing else on the live path needs them.
    """
    bits = np.arange(MAX_UTTERANCE_SAMPLES, dtype=np.uint32)
    bits += np.uint32(seed * 0x9E3779B9 & 0xFFFFFFFF)
    shifted = np.empty_like(bits)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35), (16, 1)):
        np.right_shift(bits, shift, out=shifted)
        bits ^= shifted
        bits *= np.uint32(factor)
    return bits.view(np.int32)
