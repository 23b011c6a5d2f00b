from __future__ import annotations

from functools import reduce
from itertools import pairwise
from operator import add

from hypothesis import given
from hypothesis import strategies as st

from streamer.vad.floor import NoiseFloor
from streamer.vad.levels import SILENCE_DBFS


def test_unknown_until_100_ms_were_heard() -> None:
    floor = NoiseFloor(10)

    assert floor.hear([-30.0] * 6) == [SILENCE_DBFS] * 4 + [-30.0] * 2


def test_low_level_is_remembered_for_its_time() -> None:
    floor = NoiseFloor(10)
    levels = [-30.0] * 5 + [-60.0] * 5 + [-30.0] * 20
    found = floor.hear(levels)

    assert found[9] == -60.0
    assert found[9:19] == [-60.0] * 10
    assert found[19] == -54.0
    assert found[-1] == -30.0


@given(st.lists(st.floats(-100, 0), min_size=5, max_size=60), st.integers(1, 20))
def test_floor_is_the_lowest_mean_of_the_last_frames(levels: list[float], frames: int) -> None:
    floor = NoiseFloor(frames)
    means = [reduce(add, levels[at - 5 : at]) / 5 for at in range(5, len(levels) + 1)]
    found = floor.hear(levels)

    assert found[4:] == [min(means[max(0, at - frames + 1) : at + 1]) for at in range(len(means))]


@given(
    st.lists(st.integers(-20, 0), min_size=5, max_size=400),
    st.integers(1, 120),
    st.lists(st.integers(0, 400), max_size=4),
)
def test_it_makes_no_difference_how_many_frames_come_at_once(
    levels: list[int], frames: int, borders: list[int]
) -> None:
    # Few levels, for equal ones decide what is remembered.
    heard, edges = [float(level) for level in levels], sorted({0, *borders, 400})
    together, alone = NoiseFloor(frames), NoiseFloor(frames)
    found = [floor for first, last in pairwise(edges) for floor in together.hear(heard[first:last])]

    assert found == [floor for level in heard for floor in alone.hear([level])]
