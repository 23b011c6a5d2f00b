"""Sorted numbers in rows: each is found, nothing else is."""

from __future__ import annotations

import numpy as np
import pytest

from streamer.asr.search.key_table import KeyTable


def test_each_number_has_a_place_of_its_own_and_all_else_none() -> None:
    table, places = KeyTable.arrange(np.array([0, 3, 5]))

    assert places.tolist() == [0, 1, 2]
    assert table.find(np.array([-7, -1, 0, 1, 3, 4, 5, 6, 90_000])).tolist() == [-1, -1, 0, -1, 1, -1, 2, -1, -1]


def test_a_row_ends_where_the_upper_bytes_change() -> None:
    table, places = KeyTable.arrange(np.array([7, 0x10007, 0x30001]))

    assert places.tolist() == [0, 16, 32]
    assert table.size == 48
    assert table.find(np.array([7, 0x10007, 0x20007, 0x30007, 0x30001])).tolist() == [0, 16, -1, -1, 32]


@pytest.mark.parametrize("highest", [40_000, 2_000_000, 2**31 - 2, 2**40])
def test_as_many_numbers_as_rows_are_found_at_their_places(highest: int) -> None:
    random = np.random.default_rng(1)
    keys = np.unique(np.append(random.integers(0, highest, 3000), highest))
    table, places = KeyTable.arrange(keys)
    wanted = np.concatenate([keys, keys + 1, keys - 1, random.integers(0, highest, 3000)])

    found = table.find(wanted)

    expected = np.where(np.isin(wanted, keys), places[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)], -1)
    assert found.tolist() == expected.tolist()
    assert len(set(places.tolist())) == len(keys)
    assert 0 <= places.min() <= places.max() < table.size
