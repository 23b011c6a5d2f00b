"""What is known gets through, and little else."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.search.sieve import Sieve


@given(st.lists(st.integers(0, 2**40)))
def test_all_that_is_known_gets_through(known: list[int]) -> None:
    numbers = np.array(known, np.int64)

    assert Sieve(numbers).passes(numbers).all()


def test_of_what_is_not_there_at_most_a_fourth_gets_through() -> None:
    sieve = Sieve(np.arange(0, 300_000, 3))

    strangers = sieve.passes(np.arange(1, 300_000, 3))

    assert strangers.mean() < 0.25
