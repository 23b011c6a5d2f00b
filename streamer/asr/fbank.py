"""Log-mel features of an utterance: the recipe of the model contract, in numpy.

The recipe is the reference application's (librosa's ``stft`` and ``filters.mel``; Slaney's Auditory Toolbox mel scale):
dither, peak normalisation, pre-emphasis, STFT 400/160 Hann, power, 80 mel bins, ln(x + 1e-20), then one mean and one
deviation over the whole utterance. librosa itself stays off the live path because its imports cost 1.5 s and 180 MB.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from streamer.asr.dither import dither
from streamer.asr.mel import MEL_BINS, WINDOW
from streamer.asr.stft import BINS, BLOCK, HALF, HOP, mel_power, power_of, short_time_spectra
from streamer.errors import FeatureError
from streamer.types import MAX_UTTERANCE_SAMPLES

MAX_FRAMES = 1001
"""Feature frames of the longest utterance."""

_FLOOR = 1e-20
_FULL_SCALE = 32768.0
_FAINTEST = 1e-9 * _FULL_SCALE
"""Added to the peak in 16-bit steps, so that silence can be divided by it."""
_STRIDE = 4 * BLOCK * HOP
_LOUDEST = 16.0


class FeatureRecipe(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a pack's models were trained on; the keys of ``[features]`` in its manifest."""

    dither: Annotated[float, msgspec.Meta(ge=0, le=1000)] = 1.0
    """Amplitude of the uniform noise added first, in 16-bit steps; 0 for none. Exact zeros ruin the normalisation."""
    seed: int = 0
    """Seed of the dither, so that the same samples always give the same features."""
    preemphasis: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.97
    padding: Literal["constant", "reflect"] = "constant"
    """What lies beyond both ends of the utterance: zeros (librosa ≥ 0.9) or a mirror (0.8)."""


def frame_count(samples: int) -> int:
    """Feature frames of a centred transform over so many samples."""
    return samples // HOP + 1


def fbank(
    pcm: npt.NDArray[np.int16] | npt.NDArray[np.floating[Any]], recipe: FeatureRecipe | None = None
) -> npt.NDArray[np.float32]:
    """Normalised features of a whole utterance.

    Args:
        pcm: mono samples at 16 kHz, at most 160,000; int16, or float in [−1, 1].
        recipe: the pack's recipe; the default one if None.

    Returns:
        ``(frames, 80) float32`` with ``frames = samples // 160 + 1``, mean 0 and deviation 1 over all of it.

    Raises:
        FeatureError: no samples, too many, not mono, not finite, or not scaled to [−1, 1].
    """
    spectrum = GrowingSpectrum(recipe)
    spectrum.extend(pcm)
    return spectrum.features()


class GrowingSpectrum:
    """The mel spectrum of an utterance that is still being spoken.

    ``extend`` transforms only what the new samples complete; ``features`` normalises what there is. The result is that
    of :func:`fbank` of all samples so far, bit for bit: pre-emphasis and STFT are linear and local, peak normalisation
    multiplies the power by one constant (applied to the mel power at the end), and feature frames are transformed in
    blocks that always begin at the same frames, because BLAS rounds a row by its place in the matrix.
    """

    def __init__(self, recipe: FeatureRecipe | None = None, *, probed: slice | None = None) -> None:
        """Begin an utterance.

        Args:
            recipe: the pack's; the default one if None.
            probed: frequencies whose spectra are kept, for :attr:`probe`; None for none.
        """
        self._recipe = recipe or FeatureRecipe()
        self._probed = probed
        self._probe: npt.NDArray[np.complex64] | None = None
        self._samples = 0
        self._previous = 0.0
        self._peak = 0.0
        # Mel power of the frames in whole blocks, then room for the rest.
        self._power = np.empty((0, MEL_BINS), np.float64)
        self._done = 0
        # Emphasised samples from the window of frame `_done` on; the left padding included once it is known.
        self._pending = np.empty(0, np.float64)
        self._padded_left = False

    @property
    def samples(self) -> int:
        """Samples received so far."""
        return self._samples

    @property
    def peak(self) -> float:
        """The largest amplitude so far, dither included, in 16-bit steps."""
        return self._peak

    @property
    def probe(self) -> npt.NDArray[np.complex64] | None:
        """Spectra of the probed frequencies of every frame of the last :meth:`features`; None: nothing is probed."""
        return None if self._probe is None else self._probe[: frame_count(self._samples)]

    def extend(self, pcm: npt.NDArray[np.int16] | npt.NDArray[np.floating[Any]]) -> None:
        """Append samples (int16, or float in [−1, 1]).

        Raises:
            FeatureError: more than 160,000 samples in all, not one-dimensional, wrong type, not finite, or not scaled.
        """
        self._check(pcm)
        if not self._samples:
            # Not earlier: the next utterance's 0.7 MB would lie there through the pause, between what is given back.
            self._power = np.empty((MAX_FRAMES + BLOCK, MEL_BINS), np.float64)
            if self._probed is not None:
                self._probe = np.empty((MAX_FRAMES + BLOCK, len(range(BINS)[self._probed])), np.complex64)
        # A few blocks at a time, so that what is worked on stays in the processor's cache.
        for first in range(0, len(pcm), _STRIDE):
            self._add(pcm[first : first + _STRIDE])

    def features(self) -> npt.NDArray[np.float32]:
        """Features of everything so far, ``(samples // 160 + 1, 80) float32``, normalised as a whole.

        Raises:
            FeatureError: no samples yet.
        """
        if not self._samples:
            raise FeatureError("no samples to compute features from (expected 1 to 160,000)")
        frames = frame_count(self._samples)
        self._transform(self._closed())
        return normalised(self._power[:frames], self._peak)

    def _check(self, pcm: npt.NDArray[np.int16] | npt.NDArray[np.floating[Any]]) -> None:
        if pcm.ndim != 1:
            raise FeatureError(f"expected mono samples in one dimension, got shape {pcm.shape}")
        total = self._samples + len(pcm)
        if total > MAX_UTTERANCE_SAMPLES:
            raise FeatureError(
                f"utterance of {total} samples is longer than {MAX_UTTERANCE_SAMPLES} (10 s); "
                "cut it before recognising it"
            )
        if pcm.dtype == np.int16:
            return
        if not np.issubdtype(pcm.dtype, np.floating):
            raise FeatureError(f"expected int16 or float samples, got {pcm.dtype}")
        loudest = float(np.abs(pcm).max(initial=0.0))
        if not np.isfinite(loudest):
            raise FeatureError("samples hold NaN or infinity")
        if loudest > _LOUDEST:
            raise FeatureError(f"float samples reach {loudest:.3g}, expected −1 to 1 (divide 16-bit samples by 32768)")

    def _add(self, part: npt.NDArray[np.int16] | npt.NDArray[np.floating[Any]]) -> None:
        """Dither and emphasise samples, from here on in 16-bit steps, and transform what they complete."""
        steps = part if part.dtype == np.int16 else np.multiply(part, _FULL_SCALE, dtype=np.float64)
        if self._recipe.dither:
            fresh = dither(self._samples, len(steps), self._recipe.dither, self._recipe.seed)
            fresh += steps
        else:
            fresh = steps.astype(np.float64)
        pending = np.empty(len(self._pending) + len(fresh))
        pending[: len(self._pending)] = self._pending
        emphasised = pending[len(self._pending) :]
        emphasised[0] = fresh[0] - self._recipe.preemphasis * self._previous
        np.multiply(fresh[:-1], -self._recipe.preemphasis, out=emphasised[1:])
        emphasised[1:] += fresh[1:]
        self._previous = float(fresh[-1])
        self._peak = max(self._peak, float(fresh.max()), -float(fresh.min()))
        self._samples += len(fresh)
        self._pending = pending
        self._advance()

    def _advance(self) -> None:
        """Transform the blocks whose last window has arrived."""
        if not self._padded_left:
            # A mirror of the first samples needs one sample more than it is long.
            if self._samples <= HALF:
                return
            is_mirrored = self._recipe.padding == "reflect"
            left = self._pending[HALF:0:-1] if is_mirrored else np.zeros(HALF)
            self._pending = np.concatenate([left, self._pending])
            self._padded_left = True
        blocks = max(0, len(self._pending) - WINDOW + HOP) // (BLOCK * HOP)
        if blocks:
            frames = blocks * BLOCK
            self._transform(self._pending[: frames * HOP + WINDOW - HOP])
            self._pending = self._pending[frames * HOP :].copy()
            self._done += frames

    def _transform(self, padded: npt.NDArray[np.float64]) -> None:
        """The spectra of the frames from the first open one on."""
        spectra = short_time_spectra(padded)
        frames = slice(self._done, self._done + len(spectra))
        self._power[frames] = mel_power(power_of(spectra))
        if self._probe is not None:
            self._probe[frames] = spectra[:, self._probed]

    def _closed(self) -> npt.NDArray[np.float64]:
        """The pending samples as if the utterance ended here: padded on the right, on the left too if it just began."""
        return _padded(self._pending, 0 if self._padded_left else HALF, self._recipe.padding)


def normalised(power: npt.NDArray[np.float64], peak: float) -> npt.NDArray[np.float32]:
    """Features of a whole utterance: its log-mel spectrum with mean 0 and deviation 1.

    Args:
        power: ``(frames, 80)`` in the mel bands, of samples in 16-bit steps.
        peak: the largest amplitude, to which the samples are brought.
    """
    log_mel = power * (1.0 / (peak + _FAINTEST) ** 2)
    log_mel += _FLOOR
    np.log(log_mel, out=log_mel)
    log_mel -= log_mel.mean()
    log_mel /= np.sqrt(np.square(log_mel).mean()) + 1e-9
    return log_mel.astype(np.float32)


def padded_samples(pcm: npt.NDArray[np.int16], recipe: FeatureRecipe) -> npt.NDArray[np.float64]:
    """The samples of an utterance as they are transformed: dithered, emphasised, half a window more at both ends."""
    steps = dither(0, len(pcm), recipe.dither, recipe.seed)
    steps += pcm
    emphasised = steps.copy()
    emphasised[1:] -= recipe.preemphasis * steps[:-1]
    return _padded(emphasised, HALF, recipe.padding)


def _padded(
    emphasised: npt.NDArray[np.float64], left: int, padding: Literal["constant", "reflect"]
) -> npt.NDArray[np.float64]:
    """Samples to the end of an utterance with ``left`` more before them and half a window after them."""
    if padding == "constant" or len(emphasised) == 1:  # one sample has no mirror
        return np.concatenate([np.zeros(left), emphasised, np.zeros(HALF)])  # a tenth of np.pad's time
    return np.pad(emphasised, (left, HALF), mode="reflect")
