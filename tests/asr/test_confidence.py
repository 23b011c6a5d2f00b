from __future__ import annotations

import numpy as np
import pytest

from streamer.asr.confidence import FEATURES, FINAL_FEATURES, confidences, evidence, final_evidence, fit
from streamer.asr.ctc import AlignedToken, CtcPath, greedy
from streamer.asr.heard import LanguageOutput
from streamer.asr.manifest import ConfidenceManifest
from streamer.asr.search.lattice import PrefixHypothesis

ROWS = np.log(np.array([[0.6, 0.3, 0.1], [0.8, 0.1, 0.1], [0.05, 0.05, 0.9], [0.2, 0.7, 0.1]], np.float32))
"""Two syllables and the blank."""
FOUND = [PrefixHypothesis((0, 1), 0.0), PrefixHypothesis((0, 0), 0.0)]
WRITTEN = LanguageOutput((1, 0), np.array([[-3.0, -0.5], [-1.5, -2.0]], np.float32))


def test_evidence_of_each_token() -> None:
    found = evidence(ROWS, greedy(ROWS, 2), WRITTEN, 2)

    mean = (np.log(0.8) + np.log(0.7)) / 2
    np.testing.assert_allclose(
        found,
        [[np.log(0.8), np.log(0.8 / 0.1), -0.5, mean], [np.log(0.7), np.log(0.7 / 0.2), -1.5, mean]],
        rtol=1e-5,
    )


def test_a_character_that_is_missing_counts_as_impossible() -> None:
    rows = np.log(np.array([[0.6, 0.3, 0.1]], np.float32))

    written = LanguageOutput((), np.empty((0, 2), np.float32))
    assert evidence(rows, greedy(rows, 2), written, 2)[0, FEATURES.index("language")] == -20
    assert final_evidence(rows, greedy(rows, 2), written, 2, FOUND)[0, FINAL_FEATURES.index("lead")] == -20


def test_scores_that_nobody_offers_count_for_nothing() -> None:
    rows = np.log(np.array([[0.6, 0.3, 0.1]], np.float32))

    assert evidence(rows, greedy(rows, 2), LanguageOutput((0,)), 2)[0, FEATURES.index("language")] == 0
    assert final_evidence(rows, greedy(rows, 2), LanguageOutput((0,)), 2, FOUND)[0, FINAL_FEATURES.index("lead")] == 0


def test_certain_tokens_stay_finite() -> None:
    rows = np.array([[0.0, -np.inf, -np.inf]], np.float32)

    written = LanguageOutput((0,), np.array([[0.0, -np.inf]], np.float32))
    path = CtcPath((AlignedToken(0, 0, 0, 0.0),), 0.0)

    assert np.isfinite(evidence(rows, path, written, 2)).all()
    assert np.isfinite(final_evidence(rows, path, written, 2, FOUND)).all()


def test_no_tokens_have_no_evidence() -> None:
    nothing = np.zeros((3, 3), np.float32), CtcPath((), 0.0), LanguageOutput(()), 2

    assert evidence(*nothing).shape == (0, len(FEATURES))
    assert final_evidence(*nothing, FOUND).shape == (0, len(FINAL_FEATURES))


def test_of_a_final_the_other_sequences_and_characters_are_known_too() -> None:
    path = greedy(ROWS, 2)

    found = final_evidence(ROWS, path, WRITTEN, 2, FOUND)

    spreads = [-(each * np.log(each)).sum() for each in (np.array([8, 1]) / 9, np.array([2, 7]) / 9)]
    np.testing.assert_array_equal(found[:, :4], evidence(ROWS, path, WRITTEN, 2))
    np.testing.assert_allclose(found[:, 4:], [[1.0, 2.5, spreads[0]], [0.5, 0.5, spreads[1]]], rtol=1e-5)


def test_confidences_follow_the_manifest() -> None:
    features = np.array([[0.0, 0.0, 0.0, 0.0], [-1.0, 2.0, 0.0, 0.0]])

    found = confidences(features, ConfidenceManifest(bias=1.0, weights={"acoustic": 3.0, "margin": 0.5}))

    assert found == (pytest.approx(1 / (1 + np.exp(-1))), pytest.approx(1 / (1 + np.exp(1))))


def test_a_fit_recovers_the_odds_it_was_drawn_from() -> None:
    random = np.random.default_rng(0)
    features = random.normal(0, 1, (50_000, len(FEATURES)))
    odds = 0.5 + features @ np.array([1.0, 0.5, -0.25, 0.0])

    fitted = fit(features, random.random(50_000) < 1 / (1 + np.exp(-odds)))

    assert fitted.bias == pytest.approx(0.5, abs=0.05)
    assert list(fitted.weights.values()) == pytest.approx([1.0, 0.5, -0.25, 0.0], abs=0.05)


def test_a_fit_of_finals_names_all_that_is_known_of_them() -> None:
    fitted = fit(np.random.default_rng(0).normal(0, 1, (20, len(FINAL_FEATURES))), np.arange(20) % 4 > 0)

    assert tuple(fitted.weights) == FINAL_FEATURES
    assert confidences(np.ones((1, len(FINAL_FEATURES))), fitted) == (
        pytest.approx(1 / (1 + np.exp(-fitted.bias - sum(fitted.weights.values())))),
    )


def test_a_strong_pull_leaves_only_how_often_tokens_are_right() -> None:
    features = np.random.default_rng(0).normal(0, 1, (20, len(FEATURES)))

    fitted = fit(features, np.arange(20) % 4 > 0, ridge=1e6)

    assert list(fitted.weights.values()) == pytest.approx([0.0] * len(FEATURES), abs=1e-4)
    assert fitted.bias == pytest.approx(np.log(3), abs=1e-4)


def test_a_fit_of_examples_that_are_all_right_is_finite() -> None:
    features = np.random.default_rng(0).normal(0, 1, (20, len(FEATURES)))

    fitted = fit(features, np.ones(20, bool))

    assert min(confidences(features, fitted)) > 0.99
