"""Log-mel features of an utterance: the recipe of the model contract, in numpy.

The recipe is the reference application's (librosa's ``stft`` and ``filters.mel``; Slaney's Auditory Toolbox mel scale):
dither, peak normalisation, pre-emphasis, STFT 400/160 Hann, power, 80 mel bins, ln(x + 1e-20), then one mean and one
deviation over the whole utterance. librosa itself stays off the live path because its imports cost 1.5 s and 180 MB.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal

import msgspec
import numpy as np
import numpy.typing as npt

from streamer.errors import FeatureError

SAMPLE_RATE = 16_000
"""Hertz."""
WINDOW = 400
"""Samples in an analysis window (25 ms), also the transform's length."""
HOP = 160
"""Samples from one feature frame to the next (10 ms)."""
MEL_BINS = 80
MAX_SAMPLES = 160_000
"""The longest utterance (10 s); it gives :data:`MAX_FRAMES` feature frames."""
MAX_FRAMES = 1001

_FLOOR = 1e-20
_LSB = 1 / 32768
_HALF = WINDOW // 2


class FeatureRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack's models were trained on; the keys of ``[features]`` in its manifest."""

    dither: float = 1.0
    """Amplitude of the uniform noise added first, in 16-bit steps; 0 for none. Exact zeros ruin the normalisation."""
    seed: int = 0
    """Seed of the dither, so that the same samples always give the same features."""
    preemphasis: float = 0.97
    padding: Literal["constant", "reflect"] = "constant"
    """What lies beyond both ends of the utterance: zeros (librosa ≥ 0.9) or a mirror (0.8)."""


def frame_count(samples: int) -> int:
    """Feature frames of a centred transform over so many samples."""
    return samples // HOP + 1


def fbank(
    pcm: npt.NDArray[np.int16] | npt.NDArray[np.float32], recipe: FeatureRecipe | None = None
) -> npt.NDArray[np.float32]:
    """Normalised features of a whole utterance.

    Args:
        pcm: mono samples at 16 kHz, at most 160,000; int16, or float in [−1, 1].
        recipe: the pack's recipe; the default one if None.

    Returns:
        ``(frames, 80) float32`` with ``frames = samples // 160 + 1``, mean 0 and deviation 1 over all of it.

    Raises:
        FeatureError: no samples, too many, not mono, or not finite.
    """
    spectrum = GrowingSpectrum(recipe)
    spectrum.extend(pcm)
    return spectrum.features()


class GrowingSpectrum:
    """The mel spectrum of an utterance that is still being spoken.

    ``extend`` transforms only the frames that the new samples complete; ``features`` normalises what there is. The
    result equals :func:`fbank` of all samples so far: pre-emphasis and STFT are linear and local, and peak
    normalisation multiplies the power by one constant, so it is applied to the mel power at the end.
    """

    def __init__(self, recipe: FeatureRecipe | None = None) -> None:
        self._recipe = recipe or FeatureRecipe()
        self._random = np.random.default_rng(self._recipe.seed)
        self._samples = np.empty(0, np.float32)
        self._emphasised = np.empty(0, np.float32)
        self._power = np.empty((0, MEL_BINS), np.float64)
        self._peak = 0.0

    @property
    def samples(self) -> int:
        """Samples received so far."""
        return len(self._samples)

    def extend(self, pcm: npt.NDArray[np.int16] | npt.NDArray[np.float32]) -> None:
        """Append samples (int16, or float in [−1, 1]).

        Raises:
            FeatureError: more than 160,000 samples in all, not one-dimensional, wrong type, or not finite.
        """
        fresh = self._checked(pcm)
        if not len(fresh):
            return
        if self._recipe.dither:
            # One draw per sample, in order: however the utterance is cut into calls, the dither is the same.
            fresh = fresh + (self._random.random(len(fresh), np.float32) * 2 - 1) * np.float32(
                self._recipe.dither * _LSB
            )
        before = self._samples[-1:] if self.samples else np.zeros(1, np.float32)
        shifted = np.concatenate([before, fresh[:-1]])
        self._samples = np.concatenate([self._samples, fresh])
        self._emphasised = np.concatenate([self._emphasised, fresh - np.float32(self._recipe.preemphasis) * shifted])
        self._peak = max(self._peak, float(np.abs(fresh).max()))
        self._advance()

    def features(self) -> npt.NDArray[np.float32]:
        """Features of everything so far, ``(samples // 160 + 1, 80) float32``, normalised as a whole.

        Raises:
            FeatureError: no samples yet.
        """
        if not self.samples:
            raise FeatureError("no samples to compute features from (expected 1 to 160,000)")
        done = len(self._power)
        tail = self._transform(self._padded(done, frame_count(self.samples) - done))
        power = np.concatenate([self._power, tail])
        gain = 1.0 / (self._peak + 1e-9) ** 2
        log_mel = np.log(power * gain + _FLOOR)
        normalised: npt.NDArray[np.float32] = ((log_mel - log_mel.mean()) / (log_mel.std() + 1e-9)).astype(np.float32)
        return normalised

    def _checked(self, pcm: npt.NDArray[np.int16] | npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if pcm.ndim != 1:
            raise FeatureError(f"expected mono samples in one dimension, got shape {pcm.shape}")
        total = self.samples + len(pcm)
        if total > MAX_SAMPLES:
            raise FeatureError(
                f"utterance of {total} samples is longer than {MAX_SAMPLES} (10 s); cut it before recognising it"
            )
        if pcm.dtype == np.int16:
            return pcm.astype(np.float32) * np.float32(_LSB)
        if not np.issubdtype(pcm.dtype, np.floating):
            raise FeatureError(f"expected int16 or float samples, got {pcm.dtype}")
        if not np.isfinite(pcm).all():
            raise FeatureError("samples hold NaN or infinity")
        return pcm.astype(np.float32)

    def _advance(self) -> None:
        """Transform the frames whose whole window has arrived."""
        done = len(self._power)
        # Frame f is centred on sample 160 f, so its window ends at 160 f + 200. A mirror at the left end needs no more.
        complete = max(0, (self.samples - _HALF) // HOP + 1)
        if complete > done and self.samples > _HALF:
            self._power = np.concatenate([self._power, self._transform(self._padded(done, complete - done))])

    def _padded(self, first: int, frames: int) -> npt.NDArray[np.float32]:
        """Emphasised samples under frames ``first`` … ``first + frames − 1``, padded beyond the ends."""
        start, stop = first * HOP - _HALF, (first + frames - 1) * HOP + _HALF
        inside = self._emphasised[max(0, start) : min(stop, self.samples)]
        left, right = max(0, -start), max(0, stop - self.samples)
        if not (left or right):
            return inside
        if self._recipe.padding == "reflect" and self.samples > 1:
            mirrored = np.pad(self._emphasised, (left, right), mode="reflect")
            return mirrored[start + left : stop + left]
        return np.pad(inside, (left, right))

    @staticmethod
    def _transform(padded: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """Mel power of every full window in ``padded``, ``(frames, 80)``."""
        if len(padded) < WINDOW:
            return np.empty((0, MEL_BINS), np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, WINDOW)[::HOP]
        spectrum = np.fft.rfft(windows * _hann(), axis=1)
        power = spectrum.real**2 + spectrum.imag**2
        mel: npt.NDArray[np.float64] = power @ mel_filters().T
        return mel


@lru_cache(maxsize=1)
def _hann() -> npt.NDArray[np.float64]:
    """Periodic Hann window, as scipy's ``get_window('hann', 400, fftbins=True)``."""
    window: npt.NDArray[np.float64] = 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(WINDOW) / WINDOW)
    return window


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
