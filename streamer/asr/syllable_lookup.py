"""The syllable trigram as the beam search asks it: token by token, in little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.asr.key_table import Ids, KeyTable
from streamer.asr.syllable_lm import Levels, Scores, SyllableLanguageModel

Places = npt.NDArray[np.int64]


class SyllableLookup:
    """What a :class:`~streamer.asr.syllable_lm.SyllableLanguageModel` says, in three fifths of its memory."""

    def __init__(self, model: SyllableLanguageModel) -> None:
        """Arrange a model, which is not needed any more then."""
        self.size = model.size
        """Number of tokens."""
        self._levels = model.levels
        self._unigrams, self._start_backoffs = model.unigrams, model.start_backoffs
        # Pairs and triples lie in one table, so that both are sought at once: pairs in front, behind their first token,
        # triples behind the place of the pair before them. Between them nothing stands for an unknown pair.
        step = self._step = model.size + 1
        pairs, places = KeyTable.arrange(model.bigram_keys)
        self._backoffs = _beside(pairs, places, model.bigram_backoffs)
        highest = (pairs.size + step + 1) * step
        size = len(places)
        keys: Ids = np.empty(size + len(model.trigram_keys), np.int32 if highest < 1 << 31 else np.int64)
        moved = ((places - np.arange(size) + step + 1) * step).astype(keys.dtype)
        keys[:size], triples = model.bigram_keys, keys[size:]
        # In place: loading takes the most memory that there is ever need of.
        np.floor_divide(model.trigram_keys, step, out=triples)
        triples[:] = moved[triples]
        triples += model.trigram_keys
        self._keys, places = KeyTable.arrange(keys)
        self._scores = _beside(self._keys, places, np.concatenate([model.bigrams, model.trigrams]))

    @property
    def start(self) -> int:
        """Id of what stands before the first token; never scored as a following token."""
        return self.size

    def context(self, previous: Places, last: Places) -> Places:
        """Where the model keeps what follows a pair of tokens, for :meth:`follow`; −1 where it knows no such pair."""
        return self._keys.find(previous * self._step + last)

    def follow(self, contexts: Places, last: Places, following: Places) -> tuple[Scores, Places]:
        """Log-probabilities of tokens after two others.

        Args:
            contexts: :meth:`context` of the token before the last and the last one.
            last: the last token, ids or ``start``.
            following: the token to score, ids below ``size``. All three of one length.

        Returns:
            Log-probabilities, float32, and the contexts after ``following``.
        """
        wanted = np.empty((2, len(following)), np.int64)
        np.multiply(last, self._step, out=wanted[0])
        np.add(contexts, self._step + 1, out=wanted[1])
        wanted[1] *= self._step
        wanted += following
        places = self._keys.find(wanted.reshape(-1)).reshape(2, -1)
        pair, triple = self._at(self._scores, places)
        is_pair, is_triple = places >= 0
        single = self._at(self._start_backoffs, last) + self._at(self._unigrams, following)
        backoff = np.where(contexts >= 0, self._at(self._backoffs, contexts), np.float32(0))
        return np.where(is_triple, triple, backoff + np.where(is_pair, pair, single)), places[0]

    def _at(self, table: Scores | Levels, index: Places) -> Scores:
        found: npt.NDArray[Any] = table.take(index)
        return found.astype(np.float32) if self._levels is None else self._levels.take(found)


def _beside(keys: KeyTable, places: npt.NDArray[np.int32], values: Scores | Levels) -> Scores | Levels:
    """Values at the places of their keys."""
    table = np.zeros(keys.size, values.dtype)
    table[places] = values
    return table
