"""The syllable trigram as the beam search asks it: token by token, in little memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from streamer.asr.search.key_table import KeyTable
from streamer.asr.search.pair_table import PairTable
from streamer.asr.search.sieve import Sieve
from streamer.asr.search.syllable_lm import Scores, SyllableLanguageModel

Places = npt.NDArray[np.int64]


class SyllableLookup:
    """What a :class:`~streamer.asr.search.syllable_lm.SyllableLanguageModel` says, in less memory and time."""

    def __init__(self, model: SyllableLanguageModel) -> None:
        """Arrange a model, which is not needed any more then."""
        self.size = model.size
        """Number of tokens."""
        self._levels = model.levels
        self._unigrams = self._decoded(model.unigrams)
        self._start_backoffs = self._decoded(model.start_backoffs)
        self._step = model.size + 1
        self._pairs = PairTable(model.bigram_keys, self._step)
        self._bigrams, self._backoffs = model.bigrams, model.bigram_backoffs
        # Of twenty triples that the search asks for one is known.
        self._sieve = Sieve(model.trigram_keys)
        self._triples, places = KeyTable.arrange(model.trigram_keys)
        self._trigrams = np.zeros(self._triples.size, model.trigrams.dtype)
        self._trigrams[places] = model.trigrams

    @property
    def start(self) -> int:
        """Id of what stands before the first token; never scored as a following token."""
        return self.size

    def context(self, previous: Places, last: Places) -> Places:
        """Which of the model's pairs two tokens are, for :meth:`follow`; −1 where it knows no such pair."""
        return self._pairs.find(previous, last)

    def follow(self, contexts: Places, last: Places, following: Places) -> tuple[Scores, Places]:
        """Log-probabilities of tokens after two others.

        Args:
            contexts: :meth:`context` of the token before the last and the last one.
            last: the last token, ids or ``start``.
            following: the token to score, ids below ``size``. All three of one length.

        Returns:
            Log-probabilities, float32, and the contexts after ``following``.
        """
        pairs = self._pairs.find(last, following)
        single = self._start_backoffs.take(last) + self._unigrams.take(following)
        scores = np.where(pairs < 0, single, self._decoded(self._bigrams.take(pairs)))
        is_context = contexts >= 0
        scores += np.where(is_context, self._decoded(self._backoffs.take(contexts)), np.float32(0))
        keys = contexts * self._step + following
        sought = (self._sieve.passes(keys) & is_context).nonzero()[0]
        triples = self._triples.find(keys[sought])
        is_triple = triples >= 0
        scores[sought[is_triple]] = self._decoded(self._trigrams.take(triples[is_triple]))
        return scores, pairs

    def _decoded(self, found: npt.NDArray[Any]) -> Scores:
        """The numbers themselves."""
        return found.astype(np.float32) if self._levels is None else self._levels.take(found)
