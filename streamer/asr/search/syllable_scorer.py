"""The syllable trigram as a scorer of the beam search."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.search.syllable_lookup import SyllableLookup

_REMEMBERED = 16_381
"""Places for what was looked up, 500 kB; a prime, so that keys spread over them. A growing utterance is searched again
and again, mostly along the same ways, and the trigram's tables lie outside the processor's cache."""
_MANY = 1000
"""So many at once, which only several utterances together have, would push each other out of these places."""


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
        self._turns = np.zeros(_REMEMBERED, np.int64)
        """Which of several prefixes looks a key up for all of them."""

    def start(self) -> int:
        """State of the empty prefix."""
        return self._start

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Extend several prefixes, each by one token."""
        tokens = token_ids - self._first_id
        if len(tokens) > _MANY:
            return self._looked_up(states, tokens)
        keys = states * self._base + tokens
        places = keys % _REMEMBERED
        fresh = (self._keys.take(places) != keys).nonzero()[0]
        if not len(fresh):
            return self._states.take(places), self._scores.take(places)
        # Most prefixes differ in what lies further back: their keys come several times, and are looked up once.
        self._turns[places[fresh]] = fresh
        once = fresh[self._turns.take(places[fresh]) == fresh]
        kept = places[once]
        self._keys[kept] = keys[once]
        self._states[kept], self._scores[kept] = self._looked_up(states[once], tokens[once])
        after, scores = self._states.take(places), self._scores.take(places)
        strays = (self._keys.take(places) != keys).nonzero()[0]
        if len(strays):
            # Another key has their place.
            after[strays], scores[strays] = self._looked_up(states[strays], tokens[strays])
        return after, scores

    def _looked_up(
        self, states: npt.NDArray[np.int64], tokens: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        contexts, last = np.divmod(states, self._base)
        scores, contexts = self._model.follow(contexts - 1, last, tokens)
        return (contexts + 1) * self._base + tokens, scores.astype(np.float64)

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Nothing: the trigram does not know where utterances end."""
        return np.zeros(len(states))
