from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streamer.meeting.clock import MeetingClock
from streamer.types import (
    SAMPLE_RATE,
    Gap,
    GapFound,
    MarkAdded,
    MeetingPaused,
    MeetingResumed,
)

START = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def pause(position_s: int, resumed_s: float) -> tuple[MeetingPaused, MeetingResumed]:
    position = position_s * SAMPLE_RATE
    return MeetingPaused(position, at(position_s)), MeetingResumed(position, at(resumed_s))


def clock_after(*events: object) -> MeetingClock:
    clock = MeetingClock(START)
    for event in events:
        clock.follow(event)
    return clock


def test_without_pauses_positions_are_seconds_since_the_start() -> None:
    assert MeetingClock(START).at(90 * SAMPLE_RATE) == at(90)
    assert MeetingClock(START).position(at(90)) == 90 * SAMPLE_RATE
    assert [MeetingClock(START).position(at(seconds)) for seconds in (-5, 0)] == [0, 0]


def test_after_a_pause_the_clock_is_ahead_by_its_length() -> None:
    clock = clock_after(*pause(10, 70))

    assert clock.at(9 * SAMPLE_RATE) == at(9)
    assert clock.at(11 * SAMPLE_RATE) == at(71)


def test_a_span_that_ends_where_a_pause_begins_ends_before_it() -> None:
    clock = clock_after(*pause(10, 70))

    assert clock.until(10 * SAMPLE_RATE) == at(10)
    assert clock.at(10 * SAMPLE_RATE) == at(70)


def test_a_moment_inside_a_pause_lies_where_the_pause_does() -> None:
    assert clock_after(*pause(10, 70)).position(at(40)) == 10 * SAMPLE_RATE


def test_a_gap_moves_the_clock_by_its_seconds() -> None:
    clock = clock_after(GapFound(Gap(5 * SAMPLE_RATE, at(5), 2.5, "away")))

    assert clock.at(6 * SAMPLE_RATE) == at(8.5)


def test_a_wall_clock_that_was_set_back_does_not_run_backwards() -> None:
    clock = clock_after(*pause(10, -3600))

    assert clock.at(10 * SAMPLE_RATE) == at(10)


def test_other_events_change_nothing() -> None:
    assert clock_after(MarkAdded(10, at(99))).at(SAMPLE_RATE) == at(1)


def test_events_out_of_order_are_refused() -> None:
    clock = clock_after(*pause(10, 70))

    with pytest.raises(ValueError, match="in order"):
        clock.follow(GapFound(Gap(5, at(80), 1.0, "late")))


@given(
    st.lists(st.tuples(st.integers(0, 10**6), st.floats(0, 1000)), max_size=5),
    st.lists(st.integers(0, 10**7), min_size=2, max_size=2),
)
def test_time_never_runs_backwards_and_positions_come_back(holes: list, positions: list) -> None:
    clock, position = MeetingClock(START), 0
    for samples, seconds in holes:
        position += samples
        clock.follow(GapFound(Gap(position, clock.until(position), seconds, "")))

    first, second = sorted(positions)
    assert clock.at(first) <= clock.at(second)
    assert clock.until(second) <= clock.at(second)
    assert abs(clock.position(clock.at(first)) - first) <= 1
