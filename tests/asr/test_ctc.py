from __future__ import annotations

from itertools import groupby, product

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from streamer.asr.ctc import AlignedToken, align, align_all, greedy

BLANK = 2


def log_probs(rows: list[list[float]]) -> npt.NDArray[np.float32]:
    return np.log(np.array(rows, np.float32))


def test_greedy_merges_repeats_and_drops_blanks() -> None:
    path = greedy(log_probs([[0.2, 0.1, 0.7], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2], [0.1, 0.6, 0.3]]), BLANK)

    assert path.tokens == (
        AlignedToken(0, 1, 2, float(np.log(np.float32(0.8)))),
        AlignedToken(1, 3, 3, float(np.log(np.float32(0.6)))),
    )
    np.testing.assert_allclose(path.score, np.log(0.7 * 0.8 * 0.6 * 0.6), rtol=1e-6)


def test_greedy_keeps_repeats_that_a_blank_parts() -> None:
    path = greedy(log_probs([[0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05]]), BLANK)

    assert [(token.id, token.first_step, token.last_step) for token in path.tokens] == [(0, 0, 0), (0, 2, 2)]


def test_greedy_of_blanks_alone_is_empty() -> None:
    assert greedy(log_probs([[0.1, 0.1, 0.8]] * 3), BLANK).tokens == ()


def test_greedy_of_no_steps_is_empty() -> None:
    path = greedy(np.empty((0, 3), np.float32), BLANK)

    assert (path.tokens, path.score) == ((), 0.0)


def alignments(steps: int, columns: int, ids: tuple[int, ...]) -> list[tuple[int, ...]]:
    """Every row of columns, one a step, that collapses to these tokens; the last column is the blank."""
    return [path for path in product(range(columns), repeat=steps) if collapsed(path, columns - 1) == ids]


def collapsed(path: tuple[int, ...], blank: int) -> tuple[int, ...]:
    """A path without repeats and blanks."""
    return tuple(token for token, _ in groupby(path) if token != blank)


@settings(max_examples=150, deadline=None)
@given(
    log_probs=hnp.arrays(
        np.float32, st.tuples(st.integers(1, 5), st.integers(2, 4)), elements=st.floats(-9, 0, width=32)
    ),
    ids=st.lists(st.integers(0, 2), max_size=3).map(tuple),
)
def test_align_finds_the_best_of_all_alignments(log_probs: npt.NDArray[np.float32], ids: tuple[int, ...]) -> None:
    steps, columns = log_probs.shape
    ids = tuple(token for token in ids if token < columns - 1)
    possible = alignments(steps, columns, ids)
    if not possible:
        with pytest.raises(ValueError, match=f"got {steps}"):
            align(log_probs, ids, columns - 1)
        return

    path = align(log_probs, ids, columns - 1)

    scores = [sum(float(log_probs[step, column]) for step, column in enumerate(row)) for row in possible]
    assert path.ids == ids
    np.testing.assert_allclose(path.score, max(scores), rtol=0, atol=1e-5)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.lists(st.integers(0, 2), max_size=4).map(tuple)), max_size=5),
    st.integers(0, 2**32 - 1),
)
def test_several_utterances_are_aligned_as_each_by_itself(drawn: list[tuple[int, tuple[int, ...]]], seed: int) -> None:
    random = np.random.default_rng(seed)
    # Twice as many steps as tokens are enough for any of them.
    steps = [2 * len(ids) + more for more, ids in drawn]
    rows = [np.log(random.dirichlet([0.3] * 4, count) + 1e-9).astype(np.float32) for count in steps]

    found = align_all(rows, [ids for _, ids in drawn], 3)

    assert found == [align(row, ids, 3) for row, (_, ids) in zip(rows, drawn, strict=True)]


def test_one_utterance_that_is_too_short_for_its_tokens_is_refused_among_others() -> None:
    with pytest.raises(ValueError, match="2 tokens need 3 steps, got 2"):
        align_all([log_probs([[0.2, 0.1, 0.7]] * 4), log_probs([[0.2, 0.1, 0.7]] * 2)], [(0,), (1, 1)], BLANK)


def test_align_gives_spans_and_the_score_of_the_best_step() -> None:
    rows = log_probs([[0.1, 0.1, 0.8], [0.6, 0.1, 0.3], [0.7, 0.1, 0.2], [0.1, 0.1, 0.8], [0.2, 0.6, 0.2]])

    path = align(rows, (0, 1), BLANK)

    assert path.tokens == (AlignedToken(0, 1, 2, float(rows[2, 0])), AlignedToken(1, 4, 4, float(rows[4, 1])))


def test_align_scores_a_token_by_its_own_steps_whatever_is_heard_before_and_after() -> None:
    heard = log_probs([[0.6, 0.1, 0.3], [0.1, 0.1, 0.8], [0.9, 0.05, 0.05], [0.1, 0.1, 0.8], [0.7, 0.1, 0.2]])

    scores = [token.score for token in align(heard, (0, 0, 0), BLANK).tokens]
    assert scores == [float(np.log(np.float32(one))) for one in (0.6, 0.9, 0.7)]


def test_align_agrees_with_greedy_on_its_own_tokens() -> None:
    random = np.random.default_rng(0)
    rows = log_probs(random.dirichlet([0.2] * 6, 40).tolist())
    path = greedy(rows, 5)

    np.testing.assert_allclose(align(rows, path.ids, 5).score, path.score, atol=1e-4)
