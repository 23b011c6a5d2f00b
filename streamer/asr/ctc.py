"""CTC decoding: from log-probabilities per step to tokens with their place in time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class AlignedToken:
    """A token of a CTC path."""

    id: int
    """Column of the log-probabilities."""
    first_step: int
    """The first step that emits it."""
    last_step: int
    """The last step that emits it."""
    score: float
    """Log-probability at its best step."""


@dataclass(frozen=True, slots=True)
class CtcPath:
    """Tokens in order, aligned with the steps of the acoustic model."""

    tokens: tuple[AlignedToken, ...]
    score: float
    """Log-probability: of the best alignment (greedy), or of all alignments of these tokens (beam)."""

    @property
    def ids(self) -> tuple[int, ...]:
        """The tokens' ids."""
        return tuple(token.id for token in self.tokens)


def greedy(log_probs: npt.NDArray[np.float32], blank_id: int) -> CtcPath:
    """The best token at every step, repeats merged, blanks removed.

    Args:
        log_probs: ``(steps, columns)``; natural logarithms, a column a token and one for the blank.
        blank_id: column of the blank.
    """
    steps = len(log_probs)
    if not steps:
        return CtcPath((), 0.0)
    best = log_probs.argmax(axis=1)
    scores = log_probs[np.arange(steps), best]
    starts = np.flatnonzero(np.concatenate(([True], best[1:] != best[:-1])))
    ends = np.append(starts[1:], steps)
    tokens = tuple(
        AlignedToken(int(best[start]), int(start), int(end) - 1, float(scores[start:end].max()))
        for start, end in zip(starts, ends, strict=True)
        if best[start] != blank_id
    )
    return CtcPath(tokens, float(scores.sum(dtype=np.float64)))
