"""Rooms that go silent without a word."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from streamer.sinks.mqtt.silence import NOBODY, SILENT, Silence
from streamer.types import MeetingEnded, MeetingEvent, Notice, Severity

GONE = Notice("mqtt.silent.lab", Severity.WARNING, SILENT)
BACK = Notice("mqtt.silent.lab", Severity.INFO, "")
NOBODY_THERE = Notice("mqtt.nobody", Severity.WARNING, NOBODY)
SOMEBODY_THERE = Notice("mqtt.nobody", Severity.INFO, "")
ENDED = MeetingEnded(0, datetime(2026, 11, 20, tzinfo=UTC))


def hear(silence: Silence, leaf: str, now: float, *events: MeetingEvent) -> list[Notice]:
    return list(silence.hear("lab", leaf, events, now))


def telling(*times: float) -> Silence:
    """A room that has told its figures at these times."""
    silence = Silence()
    for now in times:
        assert hear(silence, "metrics", now) == []
    return silence


def test_a_room_that_tells_nothing_for_two_and_a_half_intervals_has_gone_silent() -> None:
    silence = telling(0, 10)

    assert silence.due == 35
    assert list(silence.gone(34.9)) == []
    assert list(silence.gone(35)) == [GONE]


def test_it_is_told_once_and_taken_back_when_anything_comes() -> None:
    silence = telling(0, 10)
    list(silence.gone(35))

    assert list(silence.gone(70)) == []
    assert silence.due == math.inf
    assert hear(silence, "caption/partial", 71) == [BACK]
    assert hear(silence, "caption/partial", 72) == []


def test_whatever_comes_is_a_sign_of_life() -> None:
    silence = telling(0, 10)
    hear(silence, "caption/final", 30)

    assert silence.due == 55


def test_a_room_has_the_time_that_it_takes_between_its_figures() -> None:
    assert telling(0, 60).due == 60 + 150


def test_figures_that_come_together_make_nobody_impatient() -> None:
    assert telling(0, 60, 60.1).due == 60.1 + 25


def test_nothing_is_expected_of_a_room_whose_interval_is_not_known() -> None:
    assert telling(0).due == math.inf


def test_nothing_is_expected_of_a_meeting_that_has_ended_or_a_room_that_left() -> None:
    for leaf, events in (("meeting", (ENDED,)), ("status", ())):
        silence = telling(0, 10)
        hear(silence, leaf, 11, *events)

        assert silence.due == math.inf


def test_a_lost_link_takes_back_what_was_told() -> None:
    silence = telling(0, 10)
    list(silence.gone(35))

    assert list(silence.forget()) == [BACK]
    assert silence.due == math.inf


def test_where_no_room_has_told_anything_that_is_said_until_one_does() -> None:
    silence = Silence()
    silence.begin(100)

    assert silence.due == 105
    assert list(silence.gone(105)) == [NOBODY_THERE]
    silence.begin(110)
    assert silence.due == math.inf
    assert hear(silence, "status", 120) == [SOMEBODY_THERE]
    assert silence.due == math.inf


def test_a_room_that_is_there_leaves_nothing_to_say() -> None:
    silence = Silence()
    silence.begin(0)
    hear(silence, "status", 0.1)

    assert list(silence.gone(10)) == []


def test_that_nobody_is_there_is_not_said_of_a_lost_link() -> None:
    silence = Silence()
    silence.begin(0)
    list(silence.gone(5))

    assert list(silence.forget()) == [SOMEBODY_THERE]
    assert silence.due == math.inf


def test_of_several_rooms_the_first_that_should_have_told_something_is_due() -> None:
    silence = telling(0, 10)
    for now in (0, 60):
        list(silence.hear("hall", "metrics", (), now))

    assert silence.due == 35
    assert list(silence.gone(35)) == [GONE]
    assert silence.due == 60 + 150


def test_that_somebody_is_there_is_said_once() -> None:
    silence = Silence()
    silence.begin(0)
    list(silence.gone(5))

    assert [hear(silence, "status", now) for now in (6, 7)] == [[SOMEBODY_THERE], []]


def test_nothing_is_expected_over_a_lost_link_until_there_is_another() -> None:
    for silence in (telling(0, 10), Silence()):
        silence.begin(20)
        list(silence.forget())
        assert silence.due == math.inf

    silence.begin(30)
    list(silence.gone(35))
    list(silence.forget())
    silence.begin(40)
    assert silence.due == 45


def test_a_meeting_that_does_not_come_back_with_the_link_has_gone_silent() -> None:
    silence = telling(0, 10)
    assert list(silence.forget()) == []
    silence.begin(20)

    assert silence.due == 50
    assert list(silence.gone(50)) == [GONE]
    assert silence.due == math.inf
    assert hear(silence, "status", 60) == [BACK]


def test_a_meeting_that_comes_back_with_the_link_is_not_missed() -> None:
    silence = telling(0, 10)
    list(silence.forget())
    silence.begin(20)

    assert hear(silence, "metrics", 49) == []
    assert silence.due == math.inf


def test_a_meeting_that_had_gone_silent_is_missed_over_the_next_link_too() -> None:
    silence = telling(0, 10)
    list(silence.gone(35))
    assert list(silence.forget()) == [BACK]
    silence.begin(40)

    assert list(silence.gone(70)) == [GONE]


def test_another_room_does_not_stand_for_a_meeting_that_is_missed() -> None:
    silence = telling(0, 10)
    list(silence.forget())
    silence.begin(20)
    list(silence.hear("hall", "status", (), 21))

    assert list(silence.gone(50)) == [GONE]


def test_a_meeting_that_had_ended_is_not_missed() -> None:
    silence = telling(0, 10)
    hear(silence, "meeting", 11, ENDED)
    list(silence.forget())
    silence.begin(20)

    assert list(silence.gone(25)) == [NOBODY_THERE]
