"""Remainders by tables against arithmetic."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402 - behind importorskip, as below
from hypothesis import strategies as st  # noqa: E402

from streamer.training.remainders import remainder  # noqa: E402

SIZE = 6800


@settings(deadline=None, max_examples=60)
@given(st.lists(st.integers(0, SIZE - 1), min_size=3, max_size=3), st.integers(1, 2_000_003))
def test_a_key_of_three_ids_has_the_remainder_of_its_number(ids: list[int], modulus: int) -> None:
    digits = [torch.tensor([each], dtype=torch.int32) for each in ids]
    found = remainder(digits, [SIZE**2, SIZE, 1], SIZE, modulus)

    assert found.dtype == torch.int32
    assert found.tolist() == [((ids[0] * SIZE + ids[1]) * SIZE + ids[2]) % modulus]


def test_ids_broadcast() -> None:
    rows, columns = torch.arange(3)[:, None], torch.arange(4)[None]

    assert remainder([rows, columns], [31, 1009], 5, 7).tolist() == [
        [(31 * row + 1009 * column) % 7 for column in range(4)] for row in range(3)
    ]


def test_a_remainder_is_where_its_ids_are() -> None:
    ids = torch.arange(4, device="meta")

    assert remainder([ids, ids], [31, 1009], 5, 7).device.type == "meta"
