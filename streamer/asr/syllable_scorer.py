"""The syllable trigram as a scorer of the beam search."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from streamer.asr.syllable_lm import SyllableLanguageModel


class SyllableScorer:
    """A syllable trigram as a scorer; a state is the last two tokens as one number."""

    def __init__(self, model: SyllableLanguageModel, first_id: int = 0) -> None:
        """Wrap a trigram whose tokens count from 0.

        Args:
            model: the trigram.
            first_id: id of the first token in the acoustic table.
        """
        self._model = model
        self._first_id = first_id
        self._base = model.size + 1

    def start(self) -> int:
        """State of the empty prefix."""
        return self._model.start * self._base + self._model.start

    def extend(self, states: Sequence[Hashable], token_ids: Sequence[int]) -> tuple[list[int], list[float]]:
        """Extend several prefixes, each by one token."""
        before = np.array(states, np.int64)
        following = np.array(token_ids, np.int64) - self._first_id
        last = before % self._base
        scores: list[float] = self._model.score(before // self._base, last, following).tolist()
        after: list[int] = (last * self._base + following).tolist()
        return after, scores

    def finish(self, state: Hashable) -> float:  # noqa: ARG002 - the protocol's; hotwords need it
        """Nothing: the trigram does not know where utterances end."""
        return 0.0
