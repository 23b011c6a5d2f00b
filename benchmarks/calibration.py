"""Whether confidences are true: of the characters given 80 %, four in five should be right."""

from __future__ import annotations

from collections.abc import Sequence
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
