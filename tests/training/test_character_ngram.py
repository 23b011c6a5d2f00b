"""The mixed character trigram: a distribution after every context, near the models it is made of."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.training.character_ngram import CharacterNgram
from streamer.training.ngram import estimate
from streamer.training.ngram_settings import NgramSettings
from tests.training.ngram_samples import OTHER, OWN, SIZE, mixed


def scores(ngram: CharacterNgram, first: int, second: int) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    third = np.arange(SIZE)
    return ngram.score(np.full(SIZE, first), np.full(SIZE, second), third)


@pytest.mark.parametrize("sizes", [(1000, 1000), (4, 2), (1, 0)])
def test_following_characters_sum_to_one_after_every_context(sizes: tuple[int, int]) -> None:
    ngram = mixed(NgramSettings(triples=sizes[0], pairs=sizes[1], own_share=0.7))

    for first in range(1, SIZE + 1):
        for second in range(1, SIZE + 1):
            assert np.exp(scores(ngram, first, second)).sum() == pytest.approx(1.0, abs=1e-3)


def test_unpruned_scores_are_the_weighted_mean_of_both_models() -> None:
    own, other = (estimate(texts, SIZE).score(3, 4, 6) for texts in (OWN, OTHER))

    assert np.exp(scores(mixed(), 3, 4)[6]) == pytest.approx(0.7 * np.exp(own) + 0.3 * np.exp(other), abs=1e-6)


def test_pruning_keeps_as_many_triples_as_asked_for() -> None:
    assert len(mixed(NgramSettings(triples=3, pairs=0)).triple_keys) == 3


def test_a_saved_model_scores_the_same(tmp_path: Path) -> None:
    mixed().save(tmp_path / "ngram.npz")

    assert scores(CharacterNgram.load(tmp_path / "ngram.npz"), 3, 4).tolist() == scores(mixed(), 3, 4).tolist()
