"""The syllable trigram as a scorer of the beam search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.syllable_lookup import SyllableLookup

_REMEMBERED = 16_381
"""Places for what was looked up, 400 kB; a prime, so that keys spread over them. A growing utterance is searched again
and again, mostly along the same ways, and the trigram's tables lie outside the processor's cache."""


class SyllableScorer:
    """A syllable trigram as a scorer; a state is the last two tokens as one number: their place in it, and the last."""

    def __init__(self, model: SyllableLookup, first_id: int = 0) -> None:
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
        self._keys = np.full(_REMEMBERED, -1, np.int64)
        """State × tokens + token that each place remembers."""
        self._states = np.zeros(_REMEMBERED, np.int64)
        self._scores = np.zeros(_REMEMBERED)

    def start(self) -> int:
        """State of the empty prefix."""
        return self._start

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Extend several prefixes, each by one token."""
        tokens = token_ids - self._first_id
        keys = states * self._base + tokens
        places = keys % _REMEMBERED
        after, scores = self._states[places], self._scores[places]
        fresh = (self._keys[places] != keys).nonzero()[0]
        if len(fresh):
            contexts, last = np.divmod(states[fresh], self._base)
            scores[fresh], contexts = self._model.follow(contexts - 1, last, tokens[fresh])
            after[fresh] = (contexts + 1) * self._base + tokens[fresh]
            # Where several fresh keys have one place, the last one's three values stay.
            places = places[fresh]
            self._keys[places], self._states[places], self._scores[places] = keys[fresh], after[fresh], scores[fresh]
        return after, scores

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Nothing: the trigram does not know where utterances end."""
        return np.zeros(len(states))
