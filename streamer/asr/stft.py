"""The short-time spectrum of a sound, 25 ms every 10 ms, and the power in its mel bands."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from streamer.asr.mel import MEL_BINS, WINDOW, mel_matrices

HOP = 160
"""Samples from one feature frame to the next (10 ms)."""
HALF = WINDOW // 2
"""Samples on either side of a frame's middle."""
BINS = HALF + 1
"""Frequencies of a spectrum, 40 Hz apart, from 0 to 8,000 Hz."""
BLOCK = 32
"""Frames that are brought to the mel scale together, always beginning at the same ones."""


def short_time_spectra(padded: npt.NDArray[np.float64]) -> npt.NDArray[np.complex128]:
    """Spectra of every whole window in ``padded``, ``(frames, 201)``."""
    frames = (len(padded) - WINDOW) // HOP + 1
    # As sliding_window_view gives them, in a fiftieth of the time.
    windows = np.ndarray((frames, WINDOW), padded.dtype, np.ascontiguousarray(padded), strides=(8 * HOP, 8))
    return np.fft.rfft(windows * _hann(), axis=1)


def spectra_between(padded: npt.NDArray[np.float64], first: int, last: int) -> npt.NDArray[np.complex128]:
    """Spectra of some frames, ``(last - first, 201)``, of an utterance with half a window more at both ends."""
    return short_time_spectra(padded[first * HOP : (last - 1) * HOP + WINDOW])


def power_of(spectra: npt.NDArray[np.complex128]) -> npt.NDArray[np.float64]:
    """Power of spectra, ``(frames, 201)``."""
    power = np.square(spectra.real)
    power += np.square(spectra.imag)
    return power


def _in_blocks(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The same frames, rounded up to whole blocks with silent ones."""
    if len(power) % BLOCK == 0:
        return power
    blocks = np.empty((-(-len(power) // BLOCK) * BLOCK, BINS))
    blocks[: len(power)] = power
    blocks[len(power) :] = 0.0
    return blocks


def mel_power(power: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Power in the mel bands, ``(frames, 80)``, of power ``(frames, 201)``."""
    # A product for each block, for BLAS rounds a row by its place.
    rows = _in_blocks(power).reshape(-1, BLOCK, BINS)
    mel = np.empty((len(rows), BLOCK, MEL_BINS), np.float64)
    for bins, bands, weights in mel_matrices():
        np.matmul(rows[..., bins], weights, out=mel[..., bands])
    return mel.reshape(-1, MEL_BINS)[: len(power)]


@lru_cache(maxsize=1)
def _hann() -> npt.NDArray[np.float64]:
    """Periodic Hann window, as scipy's ``get_window('hann', 400, fftbins=True)``."""
    window: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return window
