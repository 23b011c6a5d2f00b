"""Whether an utterance was spoken in a room that is heard: how much of its sound follows from what was before.

In a spectrum, speech without a room changes within a few frames. A room goes on sounding for tenths of a second, so
that each frame's spectrum is partly a sum of earlier ones, which linear prediction finds: here from the autocorrelation
(the normal equations that Levinson's recursion solves), so that loud frames count most. The weights of
:mod:`streamer.asr.dereverberation` listen to soft ones as well, where a microphone's noise hides the room.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

PROBED: Final = slice(5, 101, 8)
"""Frequencies that are looked at: twelve from 200 to 3,720 Hz, where speech is loud."""
_DELAY: Final = 3
"""Frames from the predicting one to the predicted: two neighbours share a window's samples, and a vowel lasts."""
_TAPS: Final = 16
"""Frames that predict, up to 180 ms before."""
_LOAD: Final = 1e-4
"""Share of the power added to the autocorrelation's diagonal, so that it can be inverted."""


def dryness(probe: npt.NDArray[np.complex64]) -> float:
    """Share of the power that earlier frames do not predict, as a mean over frequencies; above 1 where chance predicts.

    Dry speech has .85 to 1.03, in the rooms of ``benchmarks.channels`` it has .6 to .84.

    Args:
        probe: ``(frames, frequencies)``, at least 32 frames: the spectra of :data:`PROBED`.
    """
    frames = len(probe)
    correlation = _correlation(probe, _DELAY + _TAPS)
    power = correlation[:, 0].real + 1e-9
    lags = np.subtract.outer(np.arange(_TAPS), np.arange(_TAPS))
    matrix = correlation[:, np.abs(lags)]
    matrix = np.where(lags >= 0, matrix, matrix.conj())
    matrix[:, range(_TAPS), range(_TAPS)] += (_LOAD * power)[:, None]
    wanted = correlation[:, _DELAY : _DELAY + _TAPS]
    weights = np.linalg.solve(matrix, wanted[..., None])[..., 0]
    predicted = (wanted.conj() * weights).sum(axis=1).real
    # Of noise, too, so many weights predict their share.
    return float(np.mean((1 - predicted / power) / (1 - _TAPS / frames)))


def _correlation(probe: npt.NDArray[np.complex64], lags: int) -> npt.NDArray[np.complex64]:
    """Each frequency's autocorrelation, ``(frequencies, lags)``: by products, in a third of a transform's time."""
    frames, frequencies = probe.shape
    padded = np.zeros((frequencies, frames + lags - 1), np.complex64)
    padded[:, :frames] = probe.T
    row, step = padded.strides
    later = np.ndarray((frequencies, lags, frames), padded.dtype, padded, strides=(row, step, step))
    # BLAS takes no rows that overlap.
    found: npt.NDArray[np.complex64] = np.matmul(later.copy(), padded[:, :frames, None].conj())[..., 0]
    return found
