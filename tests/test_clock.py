"""Clocks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from streamer.clock import EarlierClock
from tests.virtual_clock import VirtualClock

BEGAN = datetime(2026, 11, 13, 9, 0, tzinfo=UTC)


def test_a_recording_made_earlier_is_as_late_as_it_was_then() -> None:
    clock = VirtualClock()
    earlier = EarlierClock(clock, BEGAN)
    clock.seconds = 5.0

    assert earlier.begin(lambda: 90.0) == 90.0
    # It is told as if it ended now: the meeting is dated back by its length.
    assert earlier.now() == BEGAN + timedelta(seconds=90)
    clock.seconds = 7.0
    assert earlier.now() == BEGAN + timedelta(seconds=92)
    assert earlier.monotonic() == 7.0


def test_before_the_recording_begins_it_is_now() -> None:
    clock = VirtualClock()

    assert EarlierClock(clock, BEGAN).now() == clock.now()
