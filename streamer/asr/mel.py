"""The mel scale's filters: Slaney's Auditory Toolbox, as librosa's ``filters.mel`` has them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.types import SAMPLE_RATE

WINDOW = 400
"""Samples in an analysis window (25 ms), also the transform's length."""
MEL_BINS = 80


def _mel_to_hertz(mel: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Slaney's scale: linear to 1 kHz (15 mel), then 27 steps to every factor of 6.4."""
    linear = mel * (200.0 / 3)
    return np.where(mel < 15, linear, 1000.0 * np.exp((mel - 15) * (np.log(6.4) / 27)))


@lru_cache(maxsize=1)
def mel_filters() -> npt.NDArray[np.float64]:
    """Triangular filters ``(80, 201)`` from 0 to 8,000 Hz, each of unit area (Slaney's normalisation)."""
    top = 15 + 27 * np.log(8000.0 / 1000.0) / np.log(6.4)
    edges = _mel_to_hertz(np.linspace(0.0, top, MEL_BINS + 2))
    bins = np.linspace(0.0, SAMPLE_RATE / 2, WINDOW // 2 + 1)
    ramps = edges[:, None] - bins[None, :]
    widths = np.diff(edges)
    rising = -ramps[:-2] / widths[:-1, None]
    falling = ramps[2:] / widths[1:, None]
    weights = np.maximum(0.0, np.minimum(rising, falling))
    filters: npt.NDArray[np.float64] = weights * (2.0 / (edges[2:] - edges[:-2]))[:, None]
    return filters


@lru_cache(maxsize=1)
def mel_matrices() -> tuple[tuple[slice, slice, npt.NDArray[np.float64]], ...]:
    """The filters in groups, ``(bins, bands)`` each without the bins that none of it hears: a fifth of a product."""
    filters, found = mel_filters().T, []
    for bands in (slice(0, 24), slice(24, 48), slice(48, 64), slice(64, 72), slice(72, MEL_BINS)):
        heard = np.flatnonzero(filters[:, bands].any(axis=1))
        bins = slice(int(heard[0]), int(heard[-1]) + 1)
        found.append((bins, bands, np.ascontiguousarray(filters[bins, bands])))
    return tuple(found)
