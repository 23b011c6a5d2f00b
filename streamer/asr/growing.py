"""The hearings of an utterance while it grows: each mends errors of the one before, at no cost of a model."""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import LogProbs
from streamer.asr.heard import AcousticOutput
from streamer.asr.hearings import later, mean_hearing
from streamer.asr.models import LoadedModels
from streamer.asr.stft import HOP

_NEWEST: Final = 16
"""Steps at the end of a hearing that the next one does not take from it, 0.64 s: it had not heard what follows them. On
tune.tsv 8 and 12 leave a little more to change."""
_SHORT: Final = 160
"""Feature frames, 1.6 s, before which each hearing stands alone: whether anything is said at all is judged by the first
ones, and of two that err in different places one sooner takes far voices for a word."""


class GrowingHearing:
    """The partials of an utterance, heard once each, every other one with the sound a little later.

    So two in a row err in different places, as the two hearings of a final do, and what both heard is read from their
    mean. Text changes less from one partial to the next, and less at the final.
    """

    def __init__(self, models: LoadedModels, later_frames: int) -> None:
        """Prepare.

        Args:
            models: of which the acoustic one hears.
            later_frames: feature frames by which every other hearing is later; 0: each hearing stands alone.
        """
        self._models = models
        self._later_frames = later_frames
        self._before: LogProbs | None = None
        """Of the newest hearing."""
        self._is_late = True

    @property
    def late_samples(self) -> int:
        """By how many samples the steps of the newest hearing are later than the sound."""
        return self._later_frames * HOP if self._is_late else 0

    def hear(self, features: npt.NDArray[np.float32]) -> AcousticOutput:
        """Hear a snapshot that goes on from the one before.

        Args:
            features: ``(frames, 80)`` of all of it.

        Raises:
            RecognizerError: the model failed.
        """
        is_short = len(features) < _SHORT
        self._is_late = not self._is_late and not is_short
        heard = self._models.hear(later(features, self._later_frames) if self.late_samples else features)
        if heard.log_probs is None or not self._later_frames:
            return heard
        before, self._before = self._before, heard.log_probs
        if before is None or is_short:
            return heard
        blank_id, until = self._models.pack.manifest.acoustic.blank_id, max(0, len(before) - _NEWEST)
        return AcousticOutput(heard.ids, mean_hearing(heard.log_probs, before, blank_id, until=until))
