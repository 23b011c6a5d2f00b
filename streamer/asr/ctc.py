"""CTC decoding: from log-probabilities per step to tokens with their place in time."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

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


def align(log_probs: npt.NDArray[np.float32], ids: tuple[int, ...], blank_id: int) -> CtcPath:
    """The best alignment of known tokens (Viterbi): where in time each of them was heard.

    Args:
        log_probs: ``(steps, columns)``; natural logarithms.
        ids: the tokens, in order.
        blank_id: column of the blank.

    Raises:
        ValueError: there are fewer steps than these tokens need.
    """
    steps = len(log_probs)
    repeats = sum(one == other for one, other in pairwise(ids))
    if steps < len(ids) + repeats:
        raise ValueError(f"{len(ids)} tokens need {len(ids) + repeats} steps, got {steps}")
    if not ids:
        return CtcPath((), float(log_probs[:, blank_id].sum(dtype=np.float64)))
    # States: blank, token, blank, token, … blank.
    labels = np.full(2 * len(ids) + 1, blank_id)
    labels[1::2] = ids
    skipping = np.full(len(labels), -np.inf)
    skipping[3::2][labels[3::2] != labels[1:-2:2]] = 0.0
    emitted = log_probs[:, labels].astype(np.float64)
    # Two impossible states in front, so that "one back" and "two back" are plain slices.
    best = np.full((steps, len(labels) + 2), -np.inf)
    best[0, 2:4] = emitted[0, :2]
    skipped = np.empty(len(labels))
    for before, after, emission in zip(best, best[1:, 2:], emitted[1:], strict=False):
        np.add(before[:-2], skipping, out=skipped)
        np.maximum(before[2:], before[1:-1], out=after)
        np.maximum(after, skipped, out=after)
        np.add(after, emission, out=after)
    state = len(labels) - 1 if best[-1, -1] >= best[-1, -2] else len(labels) - 2
    score = float(best[-1, state + 2])
    spans: dict[int, tuple[int, int]] = {}
    for step in range(steps - 1, -1, -1):
        if state % 2:
            spans[state // 2] = (step, spans.get(state // 2, (step, step))[1])
        if step:
            two, one, none = best[step - 1, state : state + 3].tolist()
            two += skipping[state]
            state -= 0 if none >= one and none >= two else 1 if one >= two else 2
    return CtcPath(
        tuple(
            AlignedToken(token, *spans[index], float(log_probs[spans[index][0] : spans[index][1] + 1, token].max()))
            for index, token in enumerate(ids)
        ),
        score,
    )
