from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from streamer.training.device_draws import Draws  # noqa: E402 - torch is optional

CPU = torch.device("cpu")


def test_the_same_seed_draws_the_same() -> None:
    first, second, other = (Draws(CPU, seed).normal(5).tolist() for seed in (3, 3, 4))
    assert first == second != other


def test_uniform_numbers_stay_between_the_two() -> None:
    numbers = Draws(CPU, 1).uniform(-2, 3, 50, 40)
    assert numbers.shape == (50, 40)
    assert -2 <= numbers.min() < -1.9
    assert 2.9 < numbers.max() <= 3


@pytest.mark.parametrize(("share", "expected"), [(0.0, 0), (1.0, 1000)])
def test_a_chance_of_none_and_of_all(share: float, expected: int) -> None:
    assert int(Draws(CPU, 1).chance(share, 1000).sum()) == expected


def test_whole_numbers_reach_from_zero_to_below_the_most() -> None:
    numbers = Draws(CPU, 1).below(torch.full((1000,), 3))
    assert sorted(set(numbers.tolist())) == [0, 1, 2]
    assert Draws(CPU, 1).below(torch.tensor([1, 0])).tolist() == [0, 0]
