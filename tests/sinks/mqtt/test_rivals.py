"""A room whose name two programs share: what its publisher says."""

from __future__ import annotations

from datetime import timedelta

from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.rivals import Rivals
from streamer.types import MeetingEnded, Notice, Severity
from tests.sinks.mqtt.encoded import MEETING, states
from tests.sinks.mqtt.parts import START

OTHER = "20261120T150000Z-77aa"


def rivals(notices: list[Notice]) -> Rivals:
    one = Rivals("room", LinkNotices("mqtt://broker/streamer", notices.append))
    one.own = MEETING
    return one


def test_another_meeting_of_the_room_is_told_once_and_taken_back_at_its_end() -> None:
    notices: list[Notice] = []
    one = rivals(notices)
    begun, ended = states(MeetingEnded(0, START + timedelta(minutes=1)), meeting=OTHER)

    for payload in (states()[0], begun, begun, ended):
        one.hear(payload, is_retained=False)

    text = f"MQTT: another meeting is held in room room, {OTHER}: --room NAME parts them"
    assert notices == [Notice("mqtt.rival", Severity.WARNING, text), Notice("mqtt.rival", Severity.INFO, "")]


def test_what_the_broker_kept_of_a_meeting_that_was_broken_off_is_no_rival() -> None:
    notices: list[Notice] = []

    rivals(notices).hear(states(meeting=OTHER)[0], is_retained=True)

    assert notices == []


def test_what_no_streamer_published_is_passed_over() -> None:
    notices: list[Notice] = []

    rivals(notices).hear(b"{}", is_retained=False)

    assert notices == []
