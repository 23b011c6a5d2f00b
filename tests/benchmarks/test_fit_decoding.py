from __future__ import annotations

import pytest

from benchmarks.fit_decoding import steady_minimum


@pytest.mark.parametrize(
    ("errors", "chosen"),
    [([5, 4, 3, 4, 5], 2), ([4, 9, 5, 4, 5, 6], 3), ([1, 2, 3], 0), ([7], 0), ([900, 501, 500, 501, 502, 503, 900], 3)],
    ids=["the lowest", "no lonely one", "the first", "the only one", "the middle of a plain"],
)
def test_a_value_is_chosen_with_those_next_to_it(errors: list[int], chosen: int) -> None:
    assert steady_minimum(errors) == chosen
