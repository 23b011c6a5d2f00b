from __future__ import annotations

import pytest

from benchmarks.bare import Spent, Transcribed


def spent(cpu: float, bare: float) -> Spent:
    return Spent(2 * cpu, cpu, 2 * bare, bare)


def test_a_round_in_which_a_piece_was_slow_does_not_count() -> None:
    rounds = [[spent(3, 2), spent(5, 4)], [spent(9, 2), spent(5, 4)], [spent(3, 2), spent(5, 8)]]

    typical = Transcribed(1, 60.0, 100, 10, rounds).typical

    assert typical == Spent(16, 8, 12, 6)
    assert typical.ratio == pytest.approx(8 / 6)


def test_ratios_are_of_whole_rounds() -> None:
    rounds = [[spent(9, 2), spent(5, 4)], [spent(3, 2), spent(5, 4)]]

    assert Transcribed(1, 60.0, 100, 10, rounds).ratios == [pytest.approx(8 / 6), pytest.approx(14 / 6)]
