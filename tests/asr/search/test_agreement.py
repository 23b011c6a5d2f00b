from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.search.agreement import agreement
from streamer.asr.search.lattice import PrefixHypothesis

SEQUENCES = st.lists(st.integers(1, 4), max_size=9).map(tuple)


def found(*sequences: tuple[int, ...], behind: float = 0.0) -> list[PrefixHypothesis]:
    """Sequences, each behind the one before."""
    return [PrefixHypothesis(ids, -behind * place) for place, ids in enumerate(sequences)]


def test_what_all_sequences_have_is_agreed_on() -> None:
    assert agreement((1, 2, 3), found((1, 2, 3))).tolist() == [1, 1, 1]


@pytest.mark.parametrize(
    ("other", "shares"),
    [
        ((1, 9, 3), [1, 0.5, 1]),
        ((1, 3), [1, 0.5, 1]),
        ((1, 9, 2, 3), [1, 1, 1]),
        ((9, 1, 2, 3), [1, 1, 1]),
        ((1, 2), [1, 1, 0.5]),
        ((9, 9, 2, 9), [0.5, 1, 0.5]),
        ((), [0.5, 0.5, 0.5]),
    ],
)
def test_tokens_are_looked_for_in_their_places(other: tuple[int, ...], shares: list[float]) -> None:
    assert agreement((1, 2, 3), found((1, 2, 3), other)).tolist() == shares


def test_a_sequence_counts_as_its_score_says_but_less_steeply() -> None:
    shares = agreement((1, 2), found((1, 2), (1, 3), behind=2 * math.log(3)))

    assert shares.tolist() == pytest.approx([1, 0.75])


def test_what_was_chosen_need_not_have_been_found() -> None:
    """Tokens that the sound does not support are left out of it."""
    assert agreement((2, 4), found((1, 2, 3, 4))).tolist() == [1, 1]


def test_nothing_agrees_with_nothing() -> None:
    assert agreement((), found((1,), ())).shape == (0,)


@given(SEQUENCES, st.lists(SEQUENCES, min_size=1, max_size=4))
def test_shares_are_shares_and_those_of_the_sequence_itself_are_never_missed(
    ids: tuple[int, ...], others: list[tuple[int, ...]]
) -> None:
    shares = agreement(ids, found(ids, *others))

    assert np.all(shares <= 1 + 1e-9)
    assert np.all(shares >= 1 / (1 + len(others)) - 1e-9)
