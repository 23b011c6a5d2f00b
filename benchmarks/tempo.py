"""Faster speech of the same pitch: waveform similarity overlap-add (Verhelst and Roelands 1993)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

_WINDOW = 640
_STEP = _WINDOW // 2
_REACH = 160


def at_tempo(pcm: npt.NDArray[np.int16], tempo: float) -> npt.NDArray[np.int16]:
    """The sound ``tempo`` times as fast.

    Windows of 40 ms are taken ``tempo`` times as far apart as they are laid down, each moved by up to 10 ms to where it
    continues the one before best.
    """
    if tempo == 1.0 or len(pcm) < 2 * _WINDOW:
        return pcm
    padded = np.pad(pcm.astype(np.float64), (_REACH, _WINDOW + 2 * _REACH))
    window = np.hanning(_WINDOW + 1)[:-1]
    count = int(len(pcm) / tempo) // _STEP
    laid = np.zeros((count + 1) * _STEP + _WINDOW)
    continuation = padded[_REACH : _REACH + _WINDOW]
    for index in range(count):
        around = round(index * _STEP * tempo)
        candidates = np.lib.stride_tricks.sliding_window_view(padded[around : around + _WINDOW + 2 * _REACH], _WINDOW)
        likeness = candidates @ continuation / (np.sqrt(np.square(candidates).sum(axis=1)) + 1e-9)
        start = around + int(likeness.argmax())
        laid[index * _STEP : index * _STEP + _WINDOW] += padded[start : start + _WINDOW] * window
        continuation = padded[start + _STEP : start + _STEP + _WINDOW]
        if len(continuation) < _WINDOW:
            break
    return np.clip(laid[: count * _STEP], -32768, 32767).astype(np.int16)
