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
        self._pairs, places = KeyTable.arrange(model.bigram_keys)
        self._bigrams = _beside(self._pairs, places, model.bigrams)
        self._bigram_backoffs = _beside(self._pairs, places, model.bigram_backoffs)
        # A context is the place of its pair.
        step = model.size + 1
        highest = self._pairs.size * step
        moved: Ids = ((places - np.arange(len(places))) * step).astype(np.int32 if highest < 1 << 31 else np.int64)
        keys = model.trigram_keys + moved[model.trigram_keys // step]
        self._triples, places = KeyTable.arrange(keys)
        self._trigrams = _beside(self._triples, places, model.trigrams)

    @property
    def start(self) -> int:
        """Id of what stands before the first token; never scored as a following token."""
        return self.size

    def context(self, previous: Places, last: Places) -> Places:
        """Where the model keeps what follows a pair of tokens, for :meth:`follow`; −1 where it knows no such pair."""
        return self._pairs.find(previous * (self.size + 1) + last)

    def follow(self, contexts: Places, last: Places, following: Places) -> tuple[Scores, Places]:
        """Log-probabilities of tokens after two others.

        Args:
            contexts: :meth:`context` of the token before the last and the last one.
            last: the last token, ids or ``start``.
            following: the token to score, ids below ``size``. All three of one shape.

        Returns:
            Log-probabilities, float32, and the contexts after ``following``.
        """
        pair = self.context(last, following)
        shorter = np.where(
            pair >= 0,
            self._at(self._bigrams, pair),
            self._at(self._start_backoffs, last) + self._at(self._unigrams, following),
        )
        backed_off = np.where(contexts >= 0, self._at(self._bigram_backoffs, contexts), np.float32(0)) + shorter
        # Behind an unknown context the key is below all there are.
        triple = self._triples.find(contexts * (self.size + 1) + following)
        found: Scores = np.where(triple >= 0, self._at(self._trigrams, triple), backed_off).astype(np.float32)
        return found, pair

    def _at(self, table: Scores | Levels, index: Places) -> Scores:
        found: npt.NDArray[Any] = table.take(index)
        return found.astype(np.float32) if self._levels is None else self._levels.take(found)


def _beside(keys: KeyTable, places: npt.NDArray[np.int32], values: Scores | Levels) -> Scores | Levels:
    """Values at the places of their keys."""
    table = np.zeros(keys.size, values.dtype)
    table[places] = values
    return table
