"""The syllable trigram as a scorer of the beam search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.syllable_lm import SyllableLanguageModel


class SyllableScorer:
    """A syllable trigram as a scorer; a state is the last two tokens as one number: their place in it, and the last."""

    def __init__(self, model: SyllableLanguageModel, first_id: int = 0) -> None:
        """Wrap a trigram whose tokens count from 0.

        Args:
            model: the trigram.
            first_id: id of the first token in the acoustic table.
        """
        self._model = model
        self._first_id = first_id
        self._base = model.size + 1
        start = np.array([model.start])
        self._start = int((model.context(start, start)[0] + 1) * self._base + model.start)

    def start(self) -> int:
        """State of the empty prefix."""
        return self._start

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Extend several prefixes, each by one token."""
        contexts, last = np.divmod(states, self._base)
        tokens = token_ids - self._first_id
        scores, contexts = self._model.follow(contexts - 1, last, tokens)
        return (contexts + 1) * self._base + tokens, scores.astype(np.float64)

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Nothing: the trigram does not know where utterances end."""
        return np.zeros(len(states))
