"""Confidence: from how the models scored a token to the probability that its character is right.

A logistic regression on a few scores, fitted on recordings with references and stored in the pack's manifest.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import CtcPath
from streamer.asr.manifest import ConfidenceManifest
from streamer.errors import PackError

FEATURES = ("acoustic", "margin", "language", "utterance")
"""What is known of a token: log-probability at its best step; how far the next best token is behind there;
log-probability of its character (0 for packs without); mean of ``acoustic`` over the utterance."""

_FARTHEST = 20.0
"""Scores are clipped to this, so that one certain token does not outweigh everything."""


def evidence(
    log_probs: npt.NDArray[np.float32], path: CtcPath, written: tuple[float, ...] | None, blank_id: int
) -> npt.NDArray[np.float64]:
    """The features of every token.

    Args:
        log_probs: ``(steps, columns)`` that the path was found in.
        path: the tokens.
        written: log-probability of each token's character; None where the language stage offers none. Missing ones
            at the end (it ended early) count as impossible.
        blank_id: column of the blank.

    Returns:
        ``(tokens, features)`` in the order of :data:`FEATURES`.
    """
    count = len(path.tokens)
    if not count:
        return np.empty((0, len(FEATURES)))
    ids = np.array(path.ids)
    best = [
        token.first_step + int(log_probs[token.first_step : token.last_step + 1, token.id].argmax())
        for token in path.tokens
    ]
    rows = log_probs[best].astype(np.float64)
    acoustic = rows[np.arange(count), ids]
    rows[np.arange(count), ids] = -np.inf
    rows[:, blank_id] = -np.inf
    margin = acoustic - rows.max(axis=1)
    features = np.empty((count, len(FEATURES)))
    features[:, 0], features[:, 1], features[:, 3] = acoustic, margin, acoustic.mean()
    features[:, 2] = 0.0 if written is None else -_FARTHEST
    if written is not None:
        features[: len(written), 2] = written
    np.maximum(features, -_FARTHEST, out=features)
    return np.minimum(features, _FARTHEST, out=features)


def confidences(features: npt.NDArray[np.float64], fitted: ConfidenceManifest) -> tuple[float, ...]:
    """The probability that each token's character is right, given :func:`evidence`."""
    weights = np.array([fitted.weights.get(name, 0.0) for name in FEATURES])
    odds = features @ weights + fitted.bias
    return tuple((1 / (1 + np.exp(-odds))).tolist())


def check_features(fitted: ConfidenceManifest) -> None:
    """Check that a manifest weighs only what is known here.

    Raises:
        PackError: it names another feature.
    """
    unknown = sorted(fitted.weights.keys() - set(FEATURES))
    if unknown:
        raise PackError(f"[confidence] weighs {', '.join(unknown)}, expected only {', '.join(FEATURES)}")


def fit(features: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_], ridge: float = 1.0) -> ConfidenceManifest:
    """Fit the regression by Newton's method.

    Args:
        features: ``(tokens, features)`` from :func:`evidence`, of many utterances.
        is_right: whether each token's character was right.
        ridge: strength of the pull of the weights (not the bias) towards zero; keeps few or separable examples finite.
    """
    design = np.column_stack([features, np.ones(len(features))])
    penalty = np.diag([ridge] * features.shape[1] + [1e-6])
    coefficients = np.zeros(design.shape[1])
    for _ in range(50):
        right = 1 / (1 + np.exp(-(design @ coefficients)))
        gradient = design.T @ (is_right - right) - penalty @ coefficients
        curvature = (design * (right * (1 - right))[:, None]).T @ design + penalty
        step = np.linalg.solve(curvature, gradient)
        coefficients += step
        if np.abs(step).max() < 1e-9:
            break
    weights = dict(zip(FEATURES, coefficients[:-1].round(4).tolist(), strict=True))
    return ConfidenceManifest(bias=round(float(coefficients[-1]), 4), weights=weights)
