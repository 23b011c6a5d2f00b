"""Estimates back-off trigrams with interpolated, modified Kneser–Ney smoothing, and prunes them.

The same estimator serves the syllable model of the beam search and the character trigram that the language stage is
compared with. After Chen and Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling" (1998).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.training.language_corpus import load_language_corpus, texts_by_share
from streamer.training.language_settings import read_language_settings

Ids = npt.NDArray[np.int64]
Reals = npt.NDArray[np.float64]

_NEVER: Final = -20.0
_LEAST_COUNT: Final = 2


@dataclass(frozen=True, slots=True)
class _Level:
    """N-grams of one length with their (continuation) counts, sorted by key = context × base + last."""

    keys: Ids
    counts: Ids

    def discounted(self, base: int) -> tuple[Ids, Reals, Ids, Reals]:
        """Contexts of the n-grams, discounted shares, the distinct contexts, and the mass each leaves to shorter."""
        discounts = _discounts(self.counts)[np.minimum(self.counts, 3)]
        contexts, index = np.unique(self.keys // base, return_inverse=True)
        totals = np.bincount(index, weights=self.counts)
        shares = (self.counts - discounts) / totals[index]
        left = np.bincount(index, weights=discounts) / totals
        return index, shares, contexts, left


def estimate(
    sequences: Iterable[Ids], size: int, *, least_count: int = 1, least_gain: float = -np.inf
) -> SyllableLanguageModel:
    """A back-off trigram of token sequences.

    Args:
        sequences: ids below ``size``; each is preceded by two start tokens.
        size: number of tokens.
        least_count: trigrams seen less often are dropped.
        least_gain: trigrams are dropped whose log gain over backing off, weighted by their probability, is smaller.
    """
    padded: list[Ids] = []
    for sequence in sequences:
        padded.extend((np.array([size, size], np.int64), sequence))
    return estimate_stream(np.concatenate(padded), size, least_count=least_count, least_gain=least_gain)


def estimate_stream(
    stream: Ids, size: int, *, least_count: int = 1, least_gain: float = -np.inf
) -> SyllableLanguageModel:
    """The same of sequences that were joined before: each one after two start tokens, which have the id ``size``."""
    base = size + 1
    triples, pairs, singles = _count(stream, size)
    unigrams = _unigrams(singles, size)
    pair_index, pair_shares, pair_contexts, pair_left = pairs.discounted(base)
    pair_probabilities = pair_shares + pair_left[pair_index] * unigrams[pairs.keys % base]
    single_left = np.ones(base)
    single_left[pair_contexts] = pair_left
    triple_index, triple_shares, triple_contexts, triple_left = triples.discounted(base)
    shorter = _lookup(pairs.keys, pair_probabilities, triples.keys % (base * base), single_left, unigrams, base)
    triple_probabilities = triple_shares + triple_left[triple_index] * shorter
    frequency = triples.counts / triples.counts.sum()
    kept = (triples.counts >= least_count) & (frequency * np.log(triple_probabilities / shorter) >= least_gain)
    kept[np.argmax(triples.counts)] = True  # the model's tables are never empty
    keys = np.union1d(pairs.keys, triple_contexts)
    spot = np.searchsorted(keys, pairs.keys)
    scores, backoffs = np.full(len(keys), _NEVER), np.zeros(len(keys))
    scores[spot] = np.log(pair_probabilities)
    stored = np.bincount(triple_index[kept], weights=triple_probabilities[kept], minlength=len(triple_contexts))
    covered = np.bincount(triple_index[kept], weights=shorter[kept], minlength=len(triple_contexts))
    weights = np.maximum(1 - stored, 1e-6) / np.maximum(1 - covered, 1e-6)
    backoffs[np.searchsorted(keys, triple_contexts)] = np.log(weights)
    contexts = np.searchsorted(keys, triples.keys[kept] // base)
    return SyllableLanguageModel(
        size=size,
        unigrams=np.log(unigrams[:size]).astype(np.float32),
        start_backoffs=np.log(single_left).astype(np.float32),
        bigram_keys=keys,
        bigrams=scores.astype(np.float32),
        bigram_backoffs=backoffs.astype(np.float32),
        trigram_keys=contexts * base + triples.keys[kept] % base,
        trigrams=np.log(triple_probabilities[kept]).astype(np.float32),
    )


def perplexity(model: SyllableLanguageModel, sequences: Iterable[Ids]) -> float:
    """Of the sequences' tokens, each sequence from its start."""
    total, count = 0.0, 0
    for sequence in sequences:
        total += model.sequence_score(sequence)
        count += len(sequence)
    return float(np.exp(-total / max(count, 1)))


def _count(stream: Ids, size: int) -> tuple[_Level, _Level, _Level]:
    base = size + 1
    triples = (stream[:-2] * base + stream[1:-1]) * base + stream[2:]
    keys, counts = np.unique(triples[stream[2:] != size], return_counts=True)
    pair_keys, pair_counts = np.unique(keys % (base * base), return_counts=True)
    single_keys, single_counts = np.unique(pair_keys % base, return_counts=True)
    return _Level(keys, counts), _Level(pair_keys, pair_counts), _Level(single_keys, single_counts)


def _unigrams(singles: _Level, size: int) -> Reals:
    discounts = _discounts(singles.counts)[np.minimum(singles.counts, 3)]
    total = singles.counts.sum()
    probabilities = np.full(size + 1, discounts.sum() / total / size)
    probabilities[singles.keys] += (singles.counts - discounts) / total
    probabilities[size] = np.exp(_NEVER)
    return probabilities


def _discounts(counts: Ids) -> Reals:
    """What is taken from counts of 1, 2 and 3 or more (index 0 unused)."""
    ones, twos, threes, fours = (max(1, int((counts == count).sum())) for count in (1, 2, 3, 4))
    share = ones / (ones + 2 * twos)
    wanted = [0.0, 1 - 2 * share * twos / ones, 2 - 3 * share * threes / twos, 3 - 4 * share * fours / threes]
    return np.asarray(np.clip(np.array(wanted), [0.0, 0.1, 0.2, 0.3], [0.0, 0.95, 1.9, 2.85]), np.float64)


def _lookup(keys: Ids, probabilities: Reals, wanted: Ids, left: Reals, unigrams: Reals, base: int) -> Reals:
    index = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return np.where(keys[index] == wanted, probabilities[index], left[wanted // base] * unigrams[wanted % base])


def train_syllables(config_path: Path, path: Path) -> float:
    """Estimate the syllable model of the beam search from the prepared corpora and write it.

    Args:
        config_path: ``config/train-language.toml``.
        path: the file to write (``syllables.npz`` of the pack).

    Returns:
        Its perplexity on the test meetings.

    Raises:
        SettingsError: the corpora were not prepared.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    texts = texts_by_share(settings, corpus)
    sequences = (text.passage(index)[0] for text in texts for index in range(len(text)))
    estimate(sequences, len(corpus.acoustic), least_count=_LEAST_COUNT).save(path)
    written = SyllableLanguageModel.load(path, tokens=len(corpus.acoustic))
    return perplexity(written, (corpus.test.passage(index)[0] for index in range(len(corpus.test))))
