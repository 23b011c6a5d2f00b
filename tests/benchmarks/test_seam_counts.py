"""Counting what is lost and doubled at seams."""

from __future__ import annotations

import math

from benchmarks.along import Reading
from benchmarks.seam_counts import Place, Seams, more_than, place

TIMES = (100, 200, 300, 400, 500, 600, 700, 800)
ALL = Reading((True,) * 8, (0,) * 9, TIMES)
SEAM = 450
"""Between the fourth syllable and the fifth: the second to the seventh count."""


def without(*missing: int) -> Reading:
    return Reading(tuple(at not in missing for at in range(8)), (0,) * 9, TIMES)


def with_more(before: int, count: int = 1) -> Reading:
    return Reading((True,) * 8, tuple(count if at == before else 0 for at in range(9)), TIMES)


def test_a_syllable_is_lost_where_both_other_readings_have_it() -> None:
    assert place("a", without(3), ALL, ALL, SEAM) == Place("a", lost=1, doubled=0, uncut=0)
    assert place("a", without(3), without(3), ALL, SEAM) == Place("a", lost=0, doubled=0, uncut=0)
    assert place("a", without(0, 7), ALL, ALL, SEAM) == Place("a", lost=0, doubled=0, uncut=0)


def test_a_syllable_is_doubled_where_there_are_more_than_in_either_other_reading() -> None:
    assert place("a", with_more(4, 2), with_more(4), ALL, SEAM) == Place("a", lost=0, doubled=1, uncut=0)
    assert place("a", with_more(4), with_more(4), ALL, SEAM) == Place("a", lost=0, doubled=0, uncut=0)
    assert place("a", with_more(7), ALL, ALL, SEAM) == Place("a", lost=0, doubled=0, uncut=0)


def test_the_uncut_reading_is_counted_alike() -> None:
    assert place("a", ALL, ALL, without(2, 5), SEAM) == Place("a", lost=0, doubled=0, uncut=2)
    assert place("a", ALL, ALL, with_more(4), SEAM) == Place("a", lost=0, doubled=0, uncut=1)


def test_what_both_other_readings_lost_or_doubled_one_syllable_beside_is_told() -> None:
    assert place("a", without(3), without(4), without(4), SEAM) == Place("a", lost=1, doubled=0, uncut=0, shifted=1)
    assert place("a", without(3), without(4), without(2), SEAM).shifted == 0  # each lost another one
    assert place("a", without(3), without(3, 4), without(3, 4), SEAM) == Place("a", lost=0, doubled=0, uncut=0)
    assert place("a", without(3, 4), without(4), without(4), SEAM).shifted == 0  # one more than they
    assert place("a", without(3), without(5), without(5), SEAM).shifted == 0  # two syllables away
    assert place("a", without(3, 5), without(4), without(4), SEAM) == Place("a", lost=2, doubled=0, uncut=0, shifted=1)
    assert place("a", without(1), without(0), without(0), SEAM).shifted == 1  # theirs is no longer near the seam
    assert place("a", with_more(4), with_more(3), with_more(3), SEAM).shifted == 1
    assert place("a", with_more(4, 2), with_more(3), with_more(3), SEAM) == Place("a", 0, 2, uncut=0, shifted=1)


def test_figures_are_given_for_fifty_seams() -> None:
    seams = Seams("all", [Place("a", 1, 0, 2), Place("a", 0, 1, 0), Place("b", 0, 0, 0), Place("b", 0, 0, 0)])
    assert (seams.lost, seams.doubled) == (1, 1)
    assert (seams.wrong_per_50, seams.uncut_per_50) == (25.0, 25.0)
    assert (Seams("none").wrong_per_50, Seams("none").uncut_per_50) == (0.0, 0.0)


def test_the_difference_to_places_without_a_seam_has_an_interval_over_recordings() -> None:
    right, wrong = (Place(name, 0, 0, 0) for name in "ab"), (Place(name, 1, 0, 0) for name in "ab")
    same = more_than(tuple(wrong), tuple(right))
    assert (same.value, same.low, same.high) == (50.0, 50.0, 50.0)  # in every recording alike: chance changes nothing
    one = more_than([Place("a", 1, 0, 0), Place("b", 0, 0, 0)], [Place("a", 0, 0, 0), Place("b", 0, 0, 0)])
    assert (one.value, one.low, one.high) == (25.0, 0.0, 50.0)


def test_without_seams_there_is_no_difference_to_tell() -> None:
    assert math.isnan(more_than([], [Place("a", 0, 0, 0)]).value)
