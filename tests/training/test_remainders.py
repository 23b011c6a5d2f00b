"""Remainders by tables against arithmetic."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402 - behind importorskip, as below
from hypothesis import strategies as st  # noqa: E402

from streamer.training.remainders import remainders  # noqa: E402

SIZE = 6800


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, SIZE - 1), min_size=3, max_size=3), st.lists(st.integers(1, 2_000_003), min_size=1))
def test_a_key_of_three_ids_has_the_remainders_of_its_number(ids: list[int], moduli: list[int]) -> None:
    digits = [torch.tensor([each], dtype=torch.int32) for each in ids]
    found = remainders(digits, [[SIZE**2, SIZE, 1]] * len(moduli), SIZE, moduli)

    assert found.dtype == torch.int32
    assert found.tolist() == [[((ids[0] * SIZE + ids[1]) * SIZE + ids[2]) % modulus] for modulus in moduli]


def test_ids_broadcast_and_each_sum_has_its_factors() -> None:
    rows, columns = torch.arange(3)[:, None], torch.arange(4)[None]

    assert remainders([rows, columns], [[31, 1009], [1, 1]], 5, [7, 5]).tolist() == [
        [[(31 * row + 1009 * column) % 7 for column in range(4)] for row in range(3)],
        [[(row + column) % 5 for column in range(4)] for row in range(3)],
    ]


def test_remainders_are_where_their_ids_are() -> None:
    ids = torch.arange(4, device="meta")

    assert remainders([ids, ids], [[31, 1009]], 5, [7]).device.type == "meta"
