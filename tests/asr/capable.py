"""Models whose language stage knows what it wants."""

from __future__ import annotations

import numpy as np

from streamer.asr.heard import LanguageOutput
from streamer.asr.models import LoadedModels


class CapableModels(LoadedModels):
    """The tone pack's models, with a language stage that finds syllable 1 far more plausible than any other."""

    def write(self, syllables: tuple[int, ...]) -> LanguageOutput:
        """Characters of the tone pack, syllable 1's with a score of −0.1 and any other's with −5."""
        rows = np.full((len(syllables), 9), -9.0, np.float32)
        for row, each in zip(rows, syllables, strict=True):
            row[each + 3] = -0.1 if each == 1 else -5.0
        return LanguageOutput(tuple(each + 3 for each in syllables), rows)
