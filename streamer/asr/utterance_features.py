"""The features of an utterance while it grows, without the room that it is spoken in, and its microphone's offset."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.asr.dereverberation import LateFilter, dry_power, late_filters, parts_of
from streamer.asr.fbank import FeatureRecipe, GrowingSpectrum, normalised, padded_samples
from streamer.asr.mel import MEL_BINS
from streamer.asr.modelpack import ModelPack
from streamer.asr.reverberation import PROBED, dryness
from streamer.asr.stft import HALF, HOP, mel_power
from streamer.settings.recognizer import RecognizerSettings

_FEWEST: Final = 80
"""Frames, 0.8 s, before which no room is looked for: in less it cannot be told from speech."""
_AGAIN: Final = 1.25
"""By how much an utterance must have grown before its room is looked for again: all partials together so cost what four
finals cost, and between, what is said already is heard as it was."""
_OFFSET: Final = 16
"""16-bit steps by which a sound must lie beside zero, or partials elsewhere than before, to be brought there. Those of
tune.tsv and test.tsv lie within 7."""


def features_for(pack: ModelPack, settings: RecognizerSettings) -> Callable[[], UtteranceFeatures]:
    """What begins the features of an utterance, as a pack was tuned and the settings want them."""
    tuned = pack.manifest.dereverberation
    dry_from = None if tuned is None or settings.dereverberation == "never" else tuned.dry_from
    return partial(UtteranceFeatures, pack.manifest.features, dry_from)


class UtteranceFeatures:
    """Features of one utterance. Those of a final depend on its sound alone, not on how it grew."""

    def __init__(self, recipe: FeatureRecipe, dry_from: float | None) -> None:
        """Begin an utterance.

        Args:
            recipe: the pack's.
            dry_from: :func:`~streamer.asr.reverberation.dryness` from which sound is taken as it is; from what has less
                its late reverberation is taken away. None: from nothing.
        """
        self._recipe = recipe
        self._dry_from = dry_from
        self._begin(0)

    def _begin(self, offset: int) -> None:
        """Begin the utterance, from whose samples so many 16-bit steps are taken off."""
        self._offset = offset
        self._spectrum = GrowingSpectrum(self._recipe, probed=None if self._dry_from is None else PROBED)
        self._listened = 0
        """Frames in which a room was last looked for."""
        self._is_dry = True
        self._filters: list[LateFilter] = []
        self._power = np.empty((0, MEL_BINS))
        """Mel power of the first frames, dry."""

    def features(self, pcm: npt.NDArray[np.int16], *, is_final: bool) -> npt.NDArray[np.float32]:
        """Features of an utterance so far, ``(len(pcm) // 160 + 1, 80)``.

        Args:
            pcm: all its samples: those given before, and more.
            is_final: whether it has ended.

        Raises:
            FeatureError: no samples, or more than 160,000.
        """
        pcm = self._without_offset(pcm, is_final)
        self._spectrum.extend(pcm[self._spectrum.samples :])
        features, probe = self._spectrum.features(), self._spectrum.probe
        if self._dry_from is not None and probe is not None and len(probe) >= _FEWEST:
            is_due = is_final or len(probe) >= _AGAIN * self._listened
            if is_due:
                self._listened = len(probe)
                self._is_dry = dryness(probe) >= self._dry_from
            if not self._is_dry:
                return normalised(self._dried(pcm, len(probe), is_due), self._spectrum.peak)
        return features

    def _without_offset(self, pcm: npt.NDArray[np.int16], is_final: bool) -> npt.NDArray[np.int16]:
        """The samples around zero: a microphone's constant offset is no sound, and models were not trained with one."""
        mean = float(pcm.mean()) if len(pcm) else 0.0
        offset = round(mean) if abs(mean) >= _OFFSET else 0
        if abs(offset - self._offset) >= (1 if is_final else _OFFSET):
            self._begin(offset)
        if not self._offset:
            return pcm
        return np.clip(pcm.astype(np.int32) - self._offset, -32_768, 32_767).astype(np.int16)

    def _dried(self, pcm: npt.NDArray[np.int16], frames: int, anew: bool) -> npt.NDArray[np.float64]:
        """Mel power ``(frames, 80)`` without late reverberation: ``anew``, or only of the frames since the last."""
        first = 0 if anew else len(self._power)
        parts = parts_of(padded_samples(pcm, self._recipe), first, frames)
        if anew:
            self._filters = late_filters(parts)
        fresh = mel_power(dry_power(parts, self._filters))
        power = np.concatenate([self._power[:first], fresh])
        # The last windows reach beyond the sound, and hold more the next time.
        self._power = power[: max(0, (len(pcm) - HALF) // HOP + 1)]
        return power
