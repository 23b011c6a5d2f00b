"""A search that goes on with one of several sequences with the same future."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.search.beam import MANY, beam_search
from streamer.asr.search.lattice_paths import LatticePaths
from streamer.asr.search.scorers import WeightedScorer
from tests.asr.brute_force import ALL, EVERYTHING, SMALL, AlternationScorer, probable, sums_over_alignments


class ParityScorer(AlternationScorer):
    """Likes every token better after an odd number of 0; its state is whether that is so."""

    def start(self) -> int:
        return 0

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        return states ^ (token_ids == 0), states * 1.5

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return states * -0.5

    def whole(self, ids: tuple[int, ...]) -> float:
        odd = [ids[:end].count(0) % 2 for end in range(len(ids) + 1)]
        return 1.5 * sum(odd[:-1]) - 0.5 * odd[-1]


@settings(max_examples=100, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 5),
    tokens=st.integers(1, 4),
    weight=st.none() | st.floats(0, 3),
    scorer=st.sampled_from([AlternationScorer(), ParityScorer()]),
)
def test_what_was_taken_for_one_is_told_apart_again(
    seed: int, rows: int, tokens: int, weight: float | None, scorer: AlternationScorer
) -> None:
    # A token in every other step, a blank between them: each sequence has a single alignment.
    said = np.random.default_rng(seed).dirichlet([1.0] * tokens, rows)
    steps = probable([each for row in said.tolist() for each in ([*row, 0.0], [*[0.0] * tokens, 1.0])])
    scorers = [] if weight is None else [WeightedScorer(scorer, weight)]

    found = beam_search(steps, tokens, replace(EVERYTHING, blank_skip=0.99, merge=True), scorers)

    expected = {
        ids: sum(math.log(row[token]) for row, token in zip(said, ids, strict=True)) + (weight or 0) * scorer.whole(ids)
        for ids in product(range(tokens), repeat=rows)
    }
    sequences = LatticePaths(found, margin=1000.0, reach=1).best(ALL)
    assert {each.ids: each.score for each in sequences} == pytest.approx(expected, abs=1e-4)
    # Where there were many, of those that end in the same token and in one of two states only one was followed.
    assert sum(score > -math.inf for _, score in found.ends) <= MANY * tokens * 2


@settings(max_examples=100, deadline=None)
@given(log_probs=SMALL, weight=st.floats(0, 3))
def test_a_search_that_merges_never_claims_more_than_all_alignments(
    log_probs: npt.NDArray[np.float32], weight: float
) -> None:
    scorer = AlternationScorer()
    merging = replace(EVERYTHING, merge=True)

    found = beam_search(log_probs, log_probs.shape[1] - 1, merging, [WeightedScorer(scorer, weight)]).best(ALL)

    sums = sums_over_alignments(log_probs)
    assert all(each.score <= sums[each.ids] + weight * scorer.whole(each.ids) + 1e-6 for each in found)
