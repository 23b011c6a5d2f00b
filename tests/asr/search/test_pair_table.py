"""Places of pairs in a bitmap."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.search.pair_table import PairTable


def test_pairs_lie_where_they_do_among_the_keys() -> None:
    table = PairTable(np.array([0 * 11 + 3, 0 * 11 + 4, 2 * 11 + 10, 10 * 11 + 10]), 11)

    places = table.find(np.array([0, 0, 2, 10, 0, 10]), np.array([3, 4, 10, 10, 0, 9]))

    assert places.tolist() == [0, 1, 2, 3, -1, -1]


@given(st.sets(st.integers(0, 19 * 19 - 1)))
def test_every_pair_is_found_or_is_not_there(known: set[int]) -> None:
    keys = sorted(known)
    every = np.arange(19 * 19)

    places = PairTable(np.array(keys, np.int32), 19).find(every // 19, every % 19)

    assert places.tolist() == [keys.index(key) if key in known else -1 for key in range(19 * 19)]
