"""The syllable model of the beam search: lookups, back-off, the file."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.errors import PackError


@pytest.fixture
def model() -> SyllableLanguageModel:
    """Two tokens; after two starts 0 is known, after (start, 0) 1 is; all else backs off."""
    return SyllableLanguageModel(
        size=2,
        unigrams=np.log(np.array([0.75, 0.25], np.float32)),
        start_backoffs=np.log(np.array([0.5, 1.0, 0.8], np.float32)),
        bigram_keys=np.array([0 * 3 + 1, 2 * 3 + 0, 2 * 3 + 2]),
        bigrams=np.log(np.array([0.6, 0.9, 1e-9], np.float32)),
        bigram_backoffs=np.log(np.array([1.0, 0.4, 0.3], np.float32)),
        trigram_keys=np.array([1 * 3 + 1, 2 * 3 + 0]),
        trigrams=np.log(np.array([0.7, 0.95], np.float32)),
    )


def test_known_trigrams_are_taken_as_they_are(model: SyllableLanguageModel) -> None:
    np.testing.assert_allclose(np.exp(model.score([2, 2], [2, 0], [0, 1])), [0.95, 0.7], rtol=1e-5)


def test_unknown_trigrams_back_off_to_pairs_and_then_to_single_tokens(model: SyllableLanguageModel) -> None:
    assert np.exp(model.score(1, 0, 1)) == pytest.approx(0.6)
    assert np.exp(model.score(2, 0, 0)) == pytest.approx(0.4 * 0.5 * 0.75)


def test_scores_broadcast(model: SyllableLanguageModel) -> None:
    assert model.score(np.array([[2], [1]]), np.array([[2], [0]]), np.arange(2)).shape == (2, 2)


def test_a_sequence_is_scored_from_the_start(model: SyllableLanguageModel) -> None:
    assert model.sequence_score([0, 1]) == pytest.approx(np.log(0.95) + np.log(0.7), rel=1e-5)
    assert model.sequence_score([]) == 0.0


def test_a_file_keeps_the_scores_to_half_a_level(model: SyllableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "syllables.npz")
    loaded = SyllableLanguageModel.load(tmp_path / "syllables.npz", tokens=2)

    assert loaded.bigram_keys.tolist() == model.bigram_keys.tolist()
    assert loaded.trigram_keys.tolist() == model.trigram_keys.tolist()
    assert loaded.levels is not None
    np.testing.assert_allclose(loaded.levels[loaded.trigrams], model.trigrams, atol=0.05)
    following = np.arange(2)
    np.testing.assert_allclose(loaded.score(0, 1, following), model.score(0, 1, following), atol=0.05)


def test_a_file_for_another_token_table_is_refused(model: SyllableLanguageModel, tmp_path: Path) -> None:
    model.save(tmp_path / "syllables.npz")

    with pytest.raises(PackError, match="made for 2 acoustic tokens, but the pack's table has 3"):
        SyllableLanguageModel.load(tmp_path / "syllables.npz", tokens=3)


@pytest.mark.parametrize("content", [b"", b"no archive", b"PK\x03\x04 cut"])
def test_a_damaged_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "syllables.npz"
    path.write_bytes(content)

    with pytest.raises(PackError, match="no syllable language model"):
        SyllableLanguageModel.load(path)
