"""What a beam search is compared with: all alignments, added up."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import groupby, pairwise, product

import numpy as np
import numpy.typing as npt
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from streamer.asr.search.beam import BeamOptions

ALL = 100_000


EVERYTHING = BeamOptions(beam=ALL, tokens_per_step=100, min_log_prob=-math.inf, blank_skip=1.0)


SMALL = hnp.arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(2, 4)), elements=st.floats(-12, 0, width=32))
"""Log-probabilities that need not add up to one; the last column is the blank."""


def sums_over_alignments(log_probs: npt.NDArray[np.float32]) -> dict[tuple[int, ...], float]:
    """Log-probability of every token sequence, by adding up every row of columns that collapses to it."""
    steps, columns = log_probs.shape
    sums: dict[tuple[int, ...], float] = defaultdict(float)
    for path in product(range(columns), repeat=steps):
        ids = tuple(token for token, _ in groupby(path) if token != columns - 1)
        sums[ids] += math.exp(sum(float(log_probs[step, column]) for step, column in enumerate(path)))
    return {ids: math.log(total) for ids, total in sums.items()}


class AlternationScorer:
    """Likes a token better that differs from the one before; its state is that token."""

    def start(self) -> int:
        return -1

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        return token_ids, np.where(token_ids == states, -1.5, 0.25)

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return np.where(states == 0, -0.5, 0.0)

    def whole(self, ids: tuple[int, ...]) -> float:
        """The same scores without a search."""
        steps = sum(-1.5 if one == other else 0.25 for one, other in pairwise((-1, *ids)))
        return steps + (-0.5 if ids[-1:] == (0,) else 0.0)


def probable(rows: list[list[float]]) -> npt.NDArray[np.float32]:
    with np.errstate(divide="ignore"):
        return np.log(np.array(rows, np.float32))
