from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.ctc import greedy
from streamer.asr.search.beam import BeamOptions, beam_search
from streamer.asr.search.scorers import WeightedScorer
from tests.asr.brute_force import ALL, EVERYTHING, SMALL, AlternationScorer, probable, sums_over_alignments


@settings(max_examples=150, deadline=None)
@given(log_probs=SMALL)
def test_equals_a_brute_force_sum_over_alignments(log_probs: npt.NDArray[np.float32]) -> None:
    found = beam_search(log_probs, log_probs.shape[1] - 1, EVERYTHING).best(ALL)

    expected = sums_over_alignments(log_probs)
    assert {hypothesis.ids for hypothesis in found} == expected.keys()
    for hypothesis in found:
        np.testing.assert_allclose(hypothesis.score, expected[hypothesis.ids], rtol=0, atol=1e-6)
    assert [hypothesis.score for hypothesis in found] == sorted((each.score for each in found), reverse=True)


@settings(max_examples=100, deadline=None)
@given(log_probs=SMALL, weight=st.floats(0, 3), bonus=st.floats(-2, 2))
def test_scorers_and_bonus_are_added_to_the_brute_force_sum(
    log_probs: npt.NDArray[np.float32], weight: float, bonus: float
) -> None:
    scorer = AlternationScorer()
    options = replace(EVERYTHING, length_bonus=bonus)

    (best,) = beam_search(log_probs, log_probs.shape[1] - 1, options, [WeightedScorer(scorer, weight)]).best(1)

    expected = {
        ids: total + weight * scorer.whole(ids) + bonus * len(ids)
        for ids, total in sums_over_alignments(log_probs).items()
    }
    np.testing.assert_allclose(best.score, max(expected.values()), rtol=0, atol=1e-6)
    np.testing.assert_allclose(best.score, expected[best.ids], rtol=0, atol=1e-6)


def searched_plainly(log_probs: npt.NDArray[np.float32], beam: int, margin: float) -> dict[tuple[int, ...], float]:
    """The same search over a dictionary of sequences, one alignment after another; log-probabilities are finite."""
    blank = log_probs.shape[1] - 1
    followed = {(): (0.0, -math.inf)}
    for row in log_probs.astype(np.float64).tolist():
        reached: dict[tuple[int, ...], list[list[float]]] = defaultdict(lambda: [[], []])
        best = max(np.logaddexp(*ends) for ends in followed.values()) + max(row)
        for ids, (after_blank, after_token) in followed.items():
            total = float(np.logaddexp(after_blank, after_token))
            reached[ids][0].append(total + row[blank])
            if ids:
                reached[ids][1].append(after_token + row[ids[-1]])
            for token in range(blank):
                came = (after_blank if ids[-1:] == (token,) else total) + row[token]
                if came >= best - margin and came > -math.inf:
                    reached[(*ids, token)][1].append(came)
        sums = {ids: [float(np.logaddexp.reduce(each)) for each in ends] for ids, ends in reached.items()}
        ranked = sorted(sums, key=lambda ids: -np.logaddexp(*sums[ids]))
        least = np.logaddexp(*sums[ranked[0]]) - margin
        followed = {ids: tuple(sums[ids]) for ids in ranked[:beam] if np.logaddexp(*sums[ids]) >= least}
    return {ids: float(np.logaddexp(*ends)) for ids, ends in followed.items()}


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), steps=st.integers(1, 12), beam=st.integers(1, 12), margin=st.floats(1.0, 20.0))
def test_a_narrow_search_keeps_what_one_over_sequences_keeps(seed: int, steps: int, beam: int, margin: float) -> None:
    # Prefixes leave such a narrow beam and come back, while what they became is still followed.
    log_probs = np.log(np.random.default_rng(seed).dirichlet([0.5] * 5, steps) + 1e-6).astype(np.float32)
    options = BeamOptions(beam, tokens_per_step=5, min_log_prob=-99.0, blank_skip=1.0, margin=margin)

    found = beam_search(log_probs, 4, options).best(beam)

    expected = searched_plainly(log_probs, beam, margin)
    assert {each.ids: each.score for each in found} == pytest.approx(expected, abs=1e-9)


def best(rows: npt.NDArray[np.float32], blank_id: int, options: BeamOptions | None = None) -> tuple[int, ...]:
    """The tokens of the best sequence."""
    return beam_search(rows, blank_id, options).best(1)[0].ids


def test_adds_alignments_where_greedy_takes_the_best_one() -> None:
    rows = probable([[0.4, 0.6], [0.4, 0.6]])

    assert greedy(rows, 1).ids == ()
    assert best(rows, 1) == (0,)


def test_skipping_certain_blanks_changes_nothing() -> None:
    random = np.random.default_rng(0)
    rows = random.dirichlet([1.0] * 5, 12)
    rows[[2, 3, 7]] = [0, 0, 0, 0, 1]
    searched = beam_search(probable(rows.tolist()), 4, BeamOptions(blank_skip=1.0)).best(4)

    skipped = beam_search(probable(rows.tolist()), 4, BeamOptions()).best(4)

    assert [each.ids for each in skipped] == [each.ids for each in searched]
    np.testing.assert_allclose([each.score for each in skipped], [each.score for each in searched])


@settings(max_examples=100, deadline=None)
@given(log_probs=SMALL)
def test_a_margin_that_nothing_falls_behind_changes_nothing(log_probs: npt.NDArray[np.float32]) -> None:
    wide = replace(EVERYTHING, margin=1000.0)

    assert beam_search(log_probs, log_probs.shape[1] - 1, wide).best(ALL) == beam_search(
        log_probs, log_probs.shape[1] - 1, EVERYTHING
    ).best(ALL)


def test_what_falls_behind_by_more_than_the_margin_is_not_followed() -> None:
    rows = probable([[0.7, 0.2, 0.1], [0.7, 0.2, 0.1]])

    found = beam_search(rows, 2, BeamOptions(margin=math.log(5))).best(ALL)

    assert {each.ids for each in found} == {(0,), (0, 1), (1, 0)}


def test_equal_neighbours_need_a_blank_between_them() -> None:
    assert best(probable([[0.9, 0.1], [0.9, 0.1]]), 1) == (0,)
    assert best(probable([[0.9, 0.1], [0.1, 0.9], [0.9, 0.1]]), 1) == (0, 0)


def test_a_length_bonus_favours_longer_sequences() -> None:
    rows = probable([[0.3, 0.7]])

    assert best(rows, 1) == ()
    assert best(rows, 1, BeamOptions(length_bonus=2.0)) == (0,)


def test_a_prior_is_subtracted_before_tokens_are_chosen() -> None:
    rows = probable(np.random.default_rng(2).dirichlet([0.4] * 5, 12).tolist())
    prior = np.array([2.0, -1.0, 0.5, -3.0, 0.0], np.float32)
    options = BeamOptions(tokens_per_step=2)

    assert beam_search(rows, 4, options, prior=prior) == beam_search(rows - prior, 4, options)


def test_nothing_but_blanks_and_no_steps_give_the_empty_sequence() -> None:
    assert [each.ids for each in beam_search(probable([[0.0, 1.0]] * 5), 1).best(ALL)] == [()]
    assert [each.ids for each in beam_search(np.empty((0, 3), np.float32), 2).best(ALL)] == [()]


def test_never_more_hypotheses_than_asked_for() -> None:
    rows = probable(np.random.default_rng(1).dirichlet([1.0] * 6, 20).tolist())

    assert len(beam_search(rows, 5, BeamOptions(beam=8)).best(3)) == 3
    assert len(beam_search(rows, 5, BeamOptions(beam=2)).best(5)) == 2
