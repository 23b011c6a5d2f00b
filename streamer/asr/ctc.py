"""CTC decoding: from log-probabilities per step to tokens with their place in time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

LogProbs = npt.NDArray[np.float32]
"""``(steps, columns)`` natural logarithms, a column a token and one for the blank."""
_Scores = npt.NDArray[np.float64]


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


def align(log_probs: LogProbs, ids: tuple[int, ...], blank_id: int) -> CtcPath:
    """The best alignment of known tokens (Viterbi): where in time each of them was heard.

    Args:
        log_probs: ``(steps, columns)``; natural logarithms.
        ids: the tokens, in order.
        blank_id: column of the blank.

    Raises:
        ValueError: there are fewer steps than these tokens need.
    """
    return align_all([log_probs], [ids], blank_id)[0]


def align_all(utterances: Sequence[LogProbs], ids: Sequence[tuple[int, ...]], blank_id: int) -> list[CtcPath]:
    """As :func:`align` of each utterance, of which several take hardly longer than one.

    Raises:
        ValueError: one has fewer steps than its tokens need.
    """
    for log_probs, tokens in zip(utterances, ids, strict=True):
        least = len(tokens) + sum([one == other for one, other in pairwise(tokens)])
        if len(log_probs) < least:
            raise ValueError(f"{len(tokens)} tokens need {least} steps, got {len(log_probs)}")
    best, skipping = _lattice(utterances, ids, blank_id)
    return [
        _traced(log_probs, tokens, best[: len(log_probs), lane], skipping[lane])
        if tokens
        else CtcPath((), float(log_probs[:, blank_id].sum(dtype=np.float64)))
        for lane, (log_probs, tokens) in enumerate(zip(utterances, ids, strict=True))
    ]


def _lattice(utterances: Sequence[LogProbs], ids: Sequence[tuple[int, ...]], blank_id: int) -> tuple[_Scores, _Scores]:
    """What the best way to every state scores at every step; a state is a blank, a token, a blank, … a blank.

    Returns:
        The scores ``(steps, utterances, 2 + states)``, with two impossible states in front, and what passing over
        the state before each one costs, ``(utterances, states)``: nothing, or minus infinity where it is not allowed.
    """
    shape = len(utterances), 2 * max(map(len, ids), default=0) + 1
    emitted = np.full((max(map(len, utterances), default=0), *shape), -np.inf)
    skipping = np.full(shape, -np.inf)
    for lane, (log_probs, tokens) in enumerate(zip(utterances, ids, strict=True)):
        labels = np.full(2 * len(tokens) + 1, blank_id)
        labels[1::2] = tokens
        emitted[: len(log_probs), lane, : len(labels)] = log_probs[:, labels]
        skipping[lane, 3 : len(labels) : 2][labels[3::2] != labels[1:-2:2]] = 0.0
    # Two states more, so that "one back" and "two back" are plain slices.
    best = np.full((len(emitted), shape[0], shape[1] + 2), -np.inf)
    best[:1, :, 2:4] = emitted[:1, :, :2]
    skipped = np.empty(shape)
    for before, after, emission in zip(best, best[1:, :, 2:], emitted[1:], strict=False):
        np.add(before[:, :-2], skipping, out=skipped)
        np.maximum(before[:, 2:], before[:, 1:-1], out=after)
        np.maximum(after, skipped, out=after)
        np.add(after, emission, out=after)
    return best, skipping


def _traced(log_probs: LogProbs, ids: tuple[int, ...], best: _Scores, skipping: _Scores) -> CtcPath:
    """The way to the end of an utterance. ``best`` and ``skipping``: its own part of :func:`_lattice`."""
    state = 2 * len(ids)
    if best[-1, state + 2] < best[-1, state + 1]:
        state -= 1
    score = float(best[-1, state + 2])
    costs = skipping.tolist()
    spans: dict[int, tuple[int, int]] = {}
    for step in range(len(best) - 1, -1, -1):
        if state % 2:
            spans[state // 2] = (step, spans.get(state // 2, (step, step))[1])
        if step:
            two, one, none = best[step - 1, state : state + 3].tolist()
            two += costs[state]
            state -= 0 if none >= one and none >= two else 1 if one >= two else 2
    return CtcPath(
        tuple(
            AlignedToken(token, *spans[index], float(log_probs[spans[index][0] : spans[index][1] + 1, token].max()))
            for index, token in enumerate(ids)
        ),
        score,
    )
