"""What a beam search considers at every step of an utterance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Ids = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """How wide the search is."""

    beam: int = 8
    """Prefixes kept after every step."""
    tokens_per_step: int = 8
    """Tokens considered at every step, the blank not counted."""
    min_log_prob: float = -9.0
    """Tokens below this log-probability are not considered."""
    blank_skip: float = 0.99
    """Steps whose blank is more probable than this count as blank and nothing else; 1 to search every step."""
    margin: float = math.inf
    """Prefixes whose score is so far below the best one's are not followed: where the sound is clear, few are."""
    length_bonus: float = 0.0
    """Added to the score for every token, against the preference of products for short sequences."""
    merge: bool = False
    """Whether the search goes on, after a pause, with only one of several prefixes that have the same future."""


class Step(NamedTuple):
    """What the search considers at one step; where it goes through several utterances, a row for each prefix."""

    blank: float | Scores
    tokens: Ids
    """([prefixes,] tokens) the most probable first; none where all that is left is blank."""
    log_probs: Scores
    """([prefixes,] tokens)"""
    pause: float | None = None
    """Of the blank steps before it, together; None where there are none."""


def steps_of(
    log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions, prior: npt.NDArray[np.float32] | None
) -> list[Step]:
    """The steps with what is worth considering; runs of blank ones belong to the step after them.

    Args:
        log_probs: ``(steps, columns)``; natural logarithms.
        blank_id: column of the blank.
        options: what is worth it.
        prior: ``(columns,)`` subtracted from every step, 0 for the blank; None: nothing.
    """
    blanks = log_probs[:, blank_id].astype(np.float64)
    skipped = blanks > math.log(options.blank_skip) if options.blank_skip < 1 else np.zeros(len(blanks), bool)
    rows = log_probs.take((~skipped).nonzero()[0], axis=0)
    if prior is not None:
        rows -= prior
    searched = iter(_candidates(rows, blank_id, options))
    steps: list[Step] = []
    pause: float | None = None
    for is_skipped, blank in zip(skipped.tolist(), blanks.tolist(), strict=True):
        if is_skipped:
            pause = (pause or 0.0) + blank
        else:
            steps.append(Step(blank, *next(searched), pause))
            pause = None
    if pause is not None:
        steps.append(Step(pause, np.empty(0, np.int64), np.empty(0)))
    return steps


def _candidates(log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions) -> list[tuple[Ids, Scores]]:
    """The tokens worth considering at every step, with their log-probabilities, the most probable first."""
    is_wanted = log_probs >= options.min_log_prob
    is_wanted[:, blank_id] = False
    steps, ids = np.divmod(is_wanted.reshape(-1).nonzero()[0], log_probs.shape[1])
    values = log_probs[steps, ids].astype(np.float64)
    order = np.lexsort((-values, steps))
    ids, values = ids[order], values[order]
    edges = steps.searchsorted(np.arange(len(log_probs) + 1)).tolist()
    stops = [(start, min(end, start + options.tokens_per_step)) for start, end in pairwise(edges)]
    return [(ids[start:stop], values[start:stop]) for start, stop in stops]
