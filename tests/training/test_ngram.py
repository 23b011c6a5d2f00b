"""Kneser–Ney trigrams: distributions that sum to one, pruned or not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.training.ngram import estimate, perplexity

SIZE = 6
sequences = st.lists(st.lists(st.integers(0, SIZE - 1), min_size=1, max_size=8), min_size=2, max_size=12)


@settings(deadline=None, max_examples=60)
@given(sequences, st.sampled_from([(1, -np.inf), (2, -np.inf), (1, 0.01)]))
def test_following_tokens_sum_to_one_after_every_context(texts: list[list[int]], pruning: tuple[int, float]) -> None:
    model = estimate([np.array(text) for text in texts], SIZE, least_count=pruning[0], least_gain=pruning[1])
    contexts = np.arange(SIZE + 1)
    scores = model.score(contexts[:, None, None], contexts[None, :, None], np.arange(SIZE))

    np.testing.assert_allclose(np.exp(scores).sum(axis=-1), 1.0, atol=1e-4)


def test_what_was_seen_is_likelier_than_what_was_not() -> None:
    texts = [np.array([0, 1, 2, 3])] * 5 + [np.array([3, 1, 4])]
    model = estimate(texts, SIZE)

    assert model.score(0, 1, 2) > model.score(0, 1, 4) > model.score(0, 1, 5)


def test_pruning_drops_trigrams_only() -> None:
    texts = [np.array([0, 1, 2])] * 3 + [np.array([0, 1, 3])]
    full, pruned = estimate(texts, SIZE), estimate(texts, SIZE, least_count=2)

    assert len(pruned.trigrams) < len(full.trigrams)
    assert pruned.bigram_keys.tolist() == full.bigram_keys.tolist()


def test_perplexity_of_even_chances_is_the_number_of_tokens() -> None:
    random = np.random.default_rng(1)
    model = estimate([random.integers(0, SIZE, 4000)], SIZE)

    assert perplexity(model, [random.integers(0, SIZE, 4000)]) == pytest.approx(SIZE, rel=0.05)
