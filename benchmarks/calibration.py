"""Whether confidences are true, and tell: of the characters given 80 %, four in five should be right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain

import jiwer
import numpy as np
import numpy.typing as npt

_NOTHING = "∅"


def right_characters(reference: Sequence[str], written: Sequence[str]) -> list[bool]:
    """Whether each character written was said, by the alignment with the fewest errors."""
    if not written:
        return []
    aligned = jiwer.process_words(" ".join(reference), " ".join(each or _NOTHING for each in written))
    right = [False] * len(written)
    for part in chain.from_iterable(aligned.alignments):
        if part.type == "equal":
            right[part.hyp_start_idx : part.hyp_end_idx] = [True] * (part.hyp_end_idx - part.hyp_start_idx)
    return right


def expected_error(confidences: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_], bins: int = 10) -> float:
    """Expected calibration error: mean distance of confidence and accuracy over equal bins of confidence."""
    if not len(confidences):
        return float("nan")
    bin_of = np.minimum((confidences * bins).astype(int), bins - 1)
    distance = 0.0
    for each in np.unique(bin_of):
        inside = bin_of == each
        distance += inside.mean() * abs(confidences[inside].mean() - is_right[inside].mean())
    return float(distance)


@dataclass(frozen=True, slots=True)
class Doubts:
    """Characters that minutes mark as doubtful."""

    below: float
    """Confidence below which they are."""
    marked: float
    """Their share of all characters."""
    wrong: float
    """The share of them that is wrong."""
    found: float
    """The share of all wrong characters that they are."""


def doubts(confidences: npt.NDArray[np.float64], is_right: npt.NDArray[np.bool_], below: float) -> Doubts:
    """What marking characters of less confidence finds; shares of nothing are no numbers."""
    is_marked = confidences < below
    hits = int((is_marked & ~is_right).sum())
    return Doubts(
        below,
        _share(int(is_marked.sum()), len(is_marked)),
        _share(hits, int(is_marked.sum())),
        _share(hits, int((~is_right).sum())),
    )


def _share(some: int, every: int) -> float:
    return some / every if every else float("nan")
