"""Training features: the recipe of :mod:`streamer.asr.fbank` in single precision, at any tempo."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.mel import MEL_BINS, WINDOW, mel_filters
from streamer.asr.stft import HOP
from streamer.training.noises import Wave

Features = npt.NDArray[np.float32]
"""``(frames, 80)``, normalised over the utterance."""
PREEMPHASIS = np.float32(0.97)
FLOOR = np.float32(1e-20)
"""Added to every power before its logarithm."""
HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)).astype(np.float32)
"""The analysis window, ``(400,)``."""
FILTERS = np.ascontiguousarray(mel_filters().T, dtype=np.float32)
"""Weight of every frequency in every mel bin, ``(201, 80)``."""


def mel_centres() -> npt.NDArray[np.float64]:
    """Centre frequency of every mel bin, Hz."""
    hertz = np.linspace(0.0, 8_000.0, FILTERS.shape[0])
    weights = FILTERS.astype(np.float64)
    centres: npt.NDArray[np.float64] = hertz @ weights / weights.sum(axis=0)
    return centres


def hop_at(tempo: float) -> int:
    """Samples between feature frames of speech that is to sound ``tempo`` times as fast, its pitch unchanged.

    Features hold magnitudes only, so that a longer hop is exactly what a perfect change of tempo would give.
    """
    return round(HOP * tempo)


def training_features(wave: Wave, hop: int = HOP) -> Features:
    """Features of samples in [−1, 1] to which dither has been added; equal to ``fbank`` within 1e-3 at hop 160."""
    emphasised = wave.copy()
    emphasised[1:] -= PREEMPHASIS * wave[:-1]
    padded = np.pad(emphasised, WINDOW // 2)
    windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::hop]
    spectrum = np.fft.rfft(windows * HANN, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    log_mel = np.log(power @ FILTERS + FLOOR)
    features: Features = (log_mel - log_mel.mean()) / (log_mel.std() + np.float32(1e-9))
    if features.shape[1] != MEL_BINS:
        raise AssertionError(features.shape)
    return features
