"""The trigram as the search asks it: the same scores as the model's own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.asr.search.syllable_lookup import SyllableLookup
from streamer.training.ngram import estimate


@pytest.fixture
def model() -> SyllableLanguageModel:
    """Estimated from random sequences of 40 tokens, of which the first ones are frequent."""
    random = np.random.default_rng(3)
    return estimate([np.minimum(random.geometric(0.1, 30) - 1, 39) for _ in range(400)], 40)


@pytest.mark.parametrize("is_coded", [False, True])
def test_every_score_is_that_of_the_model(model: SyllableLanguageModel, tmp_path: Path, *, is_coded: bool) -> None:
    if is_coded:
        model.save(tmp_path / "syllables.npz")
        model = SyllableLanguageModel.load(tmp_path / "syllables.npz")
    lookup = SyllableLookup(model)
    first, last, following = (each.ravel() for each in np.meshgrid(np.arange(41), np.arange(41), np.arange(40)))

    scores, contexts = lookup.follow(lookup.context(first, last), last, following)

    assert scores.tolist() == model.score(first, last, following).tolist()
    assert contexts.tolist() == lookup.context(last, following).tolist()
    assert (lookup.size, lookup.start) == (40, 40)
