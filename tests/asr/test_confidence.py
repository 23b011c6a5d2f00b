from __future__ import annotations

import numpy as np
import pytest

from streamer.asr.confidence import FEATURES, confidences, evidence, fit
from streamer.asr.ctc import AlignedToken, CtcPath, greedy
from streamer.asr.manifest import ConfidenceManifest


def test_evidence_of_each_token() -> None:
    rows = np.log(np.array([[0.6, 0.3, 0.1], [0.8, 0.1, 0.1], [0.05, 0.05, 0.9], [0.2, 0.7, 0.1]], np.float32))

    found = evidence(rows, greedy(rows, 2), (-0.5, -1.5), 2)

    mean = (np.log(0.8) + np.log(0.7)) / 2
    np.testing.assert_allclose(
        found,
        [[np.log(0.8), np.log(0.8 / 0.1), -0.5, mean], [np.log(0.7), np.log(0.7 / 0.2), -1.5, mean]],
        rtol=1e-5,
    )


def test_a_character_that_is_missing_counts_as_impossible() -> None:
    rows = np.log(np.array([[0.6, 0.3, 0.1]], np.float32))

    assert evidence(rows, greedy(rows, 2), (), 2)[0, FEATURES.index("language")] == -20


def test_scores_that_nobody_offers_count_for_nothing() -> None:
    rows = np.log(np.array([[0.6, 0.3, 0.1]], np.float32))

    assert evidence(rows, greedy(rows, 2), None, 2)[0, FEATURES.index("language")] == 0


def test_certain_tokens_stay_finite() -> None:
    rows = np.array([[0.0, -np.inf, -np.inf]], np.float32)

    assert np.isfinite(evidence(rows, CtcPath((AlignedToken(0, 0, 0, 0.0),), 0.0), None, 2)).all()


def test_no_tokens_have_no_evidence() -> None:
    assert evidence(np.zeros((3, 3), np.float32), CtcPath((), 0.0), (), 2).shape == (0, len(FEATURES))


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


def test_a_strong_pull_leaves_only_how_often_tokens_are_right() -> None:
    features = np.random.default_rng(0).normal(0, 1, (20, len(FEATURES)))

    fitted = fit(features, np.arange(20) % 4 > 0, ridge=1e6)

    assert list(fitted.weights.values()) == pytest.approx([0.0] * len(FEATURES), abs=1e-4)
    assert fitted.bias == pytest.approx(np.log(3), abs=1e-4)


def test_a_fit_of_examples_that_are_all_right_is_finite() -> None:
    features = np.random.default_rng(0).normal(0, 1, (20, len(FEATURES)))

    fitted = fit(features, np.ones(20, bool))

    assert min(confidences(features, fitted)) > 0.99
