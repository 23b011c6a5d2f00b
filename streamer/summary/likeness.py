"""Which sentences are alike, for LexRank: with numpy; sumy compares pair by pair, a minute for a meeting of hours."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt


def rarity(sentences: Sequence[Sequence[str]]) -> dict[str, float]:
    """How rare each term is among sentences: the logarithm of their number over that of those that have it, and one."""
    having = Counter(term for sentence in sentences for term in set(sentence))
    return {term: math.log(len(sentences) / (1 + count)) for term, count in having.items()}


def links(
    sentences: Sequence[Sequence[str]],
    threshold: float,
    frequencies: Sequence[Mapping[str, float]],
    rarities: Mapping[str, float],
) -> npt.NDArray[np.float64]:
    """From each sentence to those whose cosine with it exceeds a threshold, itself too.

    Args:
        sentences: the terms of each.
        threshold: of the cosine.
        frequencies: of the terms of each sentence, over that of its most frequent one.
        rarities: of all terms.

    Returns:
        ``(sentences, sentences)``: the share of each row that goes to each column; rows of nothing are zero.
    """
    weights = [
        {term: frequency * rarities[term] for term, frequency in of_sentence.items()} for of_sentence in frequencies
    ]
    lengths = [math.sqrt(sum(weight * weight for weight in of_sentence.values())) for of_sentence in weights]
    # A term of one sentence makes it longer, and like no other.
    having = Counter(term for of_sentence in weights for term in of_sentence)
    columns = {term: column for column, term in enumerate(term for term, count in having.items() if count > 1)}
    unit = np.zeros((len(sentences), len(columns)))
    for row, of_sentence, length in zip(unit, weights, lengths, strict=True):
        for term, weight in of_sentence.items():
            if term in columns:
                row[columns[term]] = weight / length if length else 0
    alike = unit @ unit.T > threshold
    np.fill_diagonal(alike, np.array(lengths) > 0)
    shares: npt.NDArray[np.float64] = alike / np.maximum(alike.sum(axis=1, keepdims=True), 1)
    return shares
