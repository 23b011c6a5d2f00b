"""Confidence: from how the models scored a token to the probability that its character is right.

A logistic regression on a few scores, fitted on recordings with references and stored in the pack's manifest. Of finals
most is known from the other sequences that were found (posteriors of n-best lists: Wessel et al. 2001, "Confidence
measures for large vocabulary continuous speech recognition"); partials are decoded for the best one only.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from streamer.asr.ctc import CtcPath, LogProbs
from streamer.asr.heard import LanguageOutput
from streamer.asr.manifest import ConfidenceManifest, PackManifest
from streamer.asr.search.agreement import agreement
from streamer.asr.search.lattice import PrefixHypothesis
from streamer.errors import PackError

_Features = npt.NDArray[np.float64]

FEATURES = ("acoustic", "margin", "language", "utterance")
"""What is known of a token: log-probability at its best step; how far the next best token is behind there;
log-probability of its character (0 for packs without); mean of ``acoustic`` over the utterance."""
FINAL_FEATURES = (*FEATURES, "agreement", "lead", "spread")
"""What is known of a final's token besides: how much of the sequences that were found has it (1: all of them do); how
far the next best character is behind its own (0 for packs without); entropy of the syllables at its best step, nats."""

_FARTHEST = 20.0
"""Scores are clipped to this, so that one certain token does not outweigh everything."""
_NEVER = -80.0
"""Logarithm of what adds nothing to a sum, and is a number."""


class Confidence:
    """The probability that characters are right, as a pack was calibrated."""

    def __init__(self, manifest: PackManifest) -> None:
        """Take the calibration of a pack.

        Raises:
            PackError: it weighs what is not known here.
        """
        self._blank_id = manifest.acoustic.blank_id
        self._any, self._final = manifest.confidence, manifest.final_confidence
        for table, fitted, known in (
            ("confidence", self._any, FEATURES), ("final_confidence", self._final, FINAL_FEATURES),
        ):  # fmt: skip
            unknown = sorted(set() if fitted is None else fitted.weights.keys() - set(known))
            if unknown:
                raise PackError(f"[{table}] weighs {', '.join(unknown)}, expected only {', '.join(known)}")

    def of(
        self, log_probs: LogProbs, path: CtcPath, written: LanguageOutput, found: Sequence[PrefixHypothesis] = ()
    ) -> tuple[float, ...] | None:
        """The confidence of each token; None where the pack was not calibrated.

        Args:
            log_probs: ``(steps, columns)`` that the path was found in.
            path: the tokens.
            written: their characters.
            found: of a final, the sequences that it was chosen from.
        """
        if found and self._final is not None:
            return confidences(final_evidence(log_probs, path, written, self._blank_id, found), self._final)
        if self._any is None:
            return None
        return confidences(evidence(log_probs, path, written, self._blank_id), self._any)


def evidence(log_probs: LogProbs, path: CtcPath, written: LanguageOutput, blank_id: int) -> _Features:
    """What is known of every token.

    Args:
        log_probs: ``(steps, columns)`` that the path was found in.
        path: the tokens.
        written: their characters. Missing ones at the end (the language stage ended early) count as impossible.
        blank_id: column of the blank.

    Returns:
        ``(tokens, features)`` in the order of :data:`FEATURES`.
    """
    return _evidence(_best_rows(log_probs, path), path, written, blank_id)


def final_evidence(
    log_probs: LogProbs, path: CtcPath, written: LanguageOutput, blank_id: int, found: Sequence[PrefixHypothesis]
) -> _Features:
    """As :func:`evidence`, in the order of :data:`FINAL_FEATURES`; ``found``: the sequences it was chosen from."""
    features = np.zeros((len(path.tokens), len(FINAL_FEATURES)))
    if not len(features):
        return features
    known = len(FEATURES)
    rows = _best_rows(log_probs, path)
    features[:, :known] = _evidence(rows, path, written, blank_id)
    features[:, known] = agreement(path.ids, found)
    if written.log_probs is not None:
        features[:, known + 1] = -_FARTHEST
        others = written.log_probs.copy()
        own = np.arange(len(written.ids)), list(written.ids)
        others[own] = -np.inf
        features[: len(written.ids), known + 1] = written.log_probs[own] - others.max(axis=1, initial=-np.inf)
    np.maximum(rows, _NEVER, out=rows)
    rows[:, blank_id] = _NEVER
    shares = np.exp(rows)
    spoken = shares.sum(axis=1)
    features[:, known + 2] = np.log(spoken) - (shares * rows).sum(axis=1) / spoken
    return features.clip(-_FARTHEST, _FARTHEST)


def confidences(features: _Features, fitted: ConfidenceManifest) -> tuple[float, ...]:
    """The probability that each token's character is right, given :func:`evidence` or :func:`final_evidence`."""
    weights = np.array([fitted.weights.get(name, 0.0) for name in _names(features)])
    odds = features @ weights + fitted.bias
    return tuple((1 / (1 + np.exp(-odds))).tolist())


def fit(features: _Features, is_right: npt.NDArray[np.bool_], ridge: float = 1.0) -> ConfidenceManifest:
    """Fit the regression by Newton's method.

    Args:
        features: ``(tokens, features)`` from :func:`evidence` or :func:`final_evidence`, of many utterances.
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
    weights = dict(zip(_names(features), coefficients[:-1].round(4).tolist(), strict=True))
    return ConfidenceManifest(bias=round(float(coefficients[-1]), 4), weights=weights)


def _names(features: _Features) -> tuple[str, ...]:
    """What the columns are."""
    return FEATURES if features.shape[1] == len(FEATURES) else FINAL_FEATURES


def _best_rows(log_probs: LogProbs, path: CtcPath) -> LogProbs:
    """A copy of the log-probabilities at each token's best step."""
    best = [
        token.first_step + int(log_probs[token.first_step : token.last_step + 1, token.id].argmax())
        for token in path.tokens
    ]
    return log_probs[best]


def _evidence(best: LogProbs, path: CtcPath, written: LanguageOutput, blank_id: int) -> _Features:
    """As :func:`evidence`; ``best``: what is heard at each token's best step."""
    features = np.zeros((len(path.tokens), len(FEATURES)))
    if not len(features):
        return features
    rows, ids = best.astype(np.float64), list(path.ids)
    acoustic = rows[np.arange(len(ids)), ids]
    rows[np.arange(len(ids)), ids] = -np.inf
    rows[:, blank_id] = -np.inf
    features[:, 0], features[:, 1], features[:, 3] = acoustic, acoustic - rows.max(axis=1), acoustic.mean()
    if written.scores is not None:
        features[:, 2] = -_FARTHEST
        features[: len(written.scores), 2] = written.scores
    return features.clip(-_FARTHEST, _FARTHEST)
