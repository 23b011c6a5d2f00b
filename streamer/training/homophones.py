"""Characters that sound alike."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from streamer.training.language_spans import EncodedText


class Homophones:
    """Other characters of the same toned syllable, as often as the text has them: what is written for a misheard word.

    A drawn character may be the same one again.
    """

    def __init__(self, texts: Sequence[EncodedText], device: str = "cpu") -> None:
        """Sort the characters of texts that lie one after the other by syllable, each text for itself."""
        written, firsts, lasts, begin = [], [], [], 0
        for text in texts:
            order = np.argsort(text.syllables, kind="stable")
            syllables = text.syllables[order]
            written.append(text.characters[order])
            firsts.append(begin + np.searchsorted(syllables, text.syllables, side="left"))
            lasts.append(begin + np.searchsorted(syllables, text.syllables, side="right"))
            begin += len(order)
        self._written = torch.from_numpy(np.concatenate(written)).to(device)
        self._first, self._last = (
            torch.from_numpy(np.concatenate(ends).astype(np.int32)).to(device) for ends in (firsts, lasts)
        )

    def draw(self, places: Tensor, uniform: Tensor) -> Tensor:
        """A character for each place of the texts.

        Args:
            places: where.
            uniform: random numbers below 1, as many.
        """
        low, count = self._first[places].long(), (self._last[places] - self._first[places]).long()
        return self._written[low + torch.minimum((uniform * count).long(), count - 1)].long()
