"""The language stage's opponent: a character trigram that knows the confusions, searched with a beam.

It is given what the Transformer has to learn: the exact chance that a syllable is heard as another one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.training.confusions import Confusions
from streamer.training.language_spans import EncodedText, Ids
from streamer.training.ngram import estimate

_IMPOSSIBLE = -1e9


@dataclass(frozen=True, slots=True)
class CharacterTrigram:
    """Trigram over language ids and the share of each reading of a character."""

    model: SyllableLanguageModel
    """The n-gram, over language ids."""
    readings: npt.NDArray[np.float64]
    """(language ids, syllables): chance of a syllable given the character."""

    @classmethod
    def train(cls, texts: Sequence[EncodedText], classes: int, syllables: int) -> CharacterTrigram:
        """Count characters and their readings.

        Args:
            texts: training material.
            classes: highest language id + 1.
            syllables: size of the acoustic token table.
        """
        sequences = (text.passage(index)[1] for text in texts for index in range(len(text)))
        counts = np.full((classes, syllables), 0.0)
        for text in texts:
            np.add.at(counts, (text.characters.astype(np.int64), text.syllables.astype(np.int64)), 1.0)
        return cls(estimate(sequences, classes), counts / np.maximum(counts.sum(1, keepdims=True), 1.0))

    def channel(self, confusions: Confusions, rate: float) -> npt.NDArray[np.float64]:
        """(language ids, syllables): log-chance that a character is heard as a syllable when a share is wrong."""
        with np.errstate(divide="ignore"):
            return np.log((1 - rate) * self.readings + rate * (self.readings @ confusions.probabilities))

    def write(self, syllables: Ids, channel: npt.NDArray[np.float64], *, candidates: int = 60, beam: int = 80) -> Ids:
        """The most probable characters of one utterance.

        Args:
            syllables: (n,) acoustic ids as heard.
            channel: from :meth:`channel`.
            candidates: characters considered per syllable, the best by channel and unigram.
            beam: pairs of characters kept per position.
        """
        start = self.model.start
        previous, last, scores = np.array([start]), np.array([start]), np.zeros(1)
        steps: list[tuple[Ids, Ids]] = []
        for syllable in syllables:
            prior = channel[:, syllable] + self.model.unigrams
            chosen = np.argsort(-prior)[:candidates]
            chosen = chosen[prior[chosen] > _IMPOSSIBLE]
            if len(chosen) == 0:
                chosen = np.argmax(self.model.unigrams, keepdims=True)
            grid = scores[:, None] + self.model.score(previous[:, None], last[:, None], chosen[None, :])
            grid = grid + np.maximum(channel[chosen, syllable], _IMPOSSIBLE)
            kept = _best_pairs(grid, last, chosen, beam)
            steps.append((kept // len(chosen), chosen[kept % len(chosen)]))
            previous, last, scores = last[kept // len(chosen)], chosen[kept % len(chosen)], grid.reshape(-1)[kept]
        best = int(np.argmax(scores))
        answer: list[int] = []
        for origins, characters in reversed(steps):
            answer.append(int(characters[best]))
            best = int(origins[best])
        return np.array(answer[::-1], np.int64)


def trigram_error_rate(
    trigram: CharacterTrigram, spans: Sequence[tuple[Ids, Ids]], channel: npt.NDArray[np.float64]
) -> float:
    """Share of wrong characters over spans of (syllables as heard, characters)."""
    wrong = sum(int((trigram.write(syllables, channel) != characters).sum()) for syllables, characters in spans)
    return wrong / max(1, sum(len(characters) for _, characters in spans))


def _best_pairs(grid: npt.NDArray[np.float64], last: Ids, chosen: Ids, beam: int) -> Ids:
    """Flat indices of the best cells, one for each pair (last, chosen)."""
    order = np.argsort(-grid, axis=None)[: 4 * beam]
    pairs = last[order // len(chosen)] * (1 << 20) + chosen[order % len(chosen)]
    _, first = np.unique(pairs, return_index=True)
    return np.asarray(order[np.sort(first)][:beam])
