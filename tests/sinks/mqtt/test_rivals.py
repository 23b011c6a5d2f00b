"""A room whose name two programs share: what its publisher says."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.rivals import Rivals
from streamer.types import MeetingEnded, Notice, Severity
from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.encoded import MEETING, states
from tests.sinks.mqtt.parts import START, STARTED, running

OTHER = "20261120T150000Z-77aa"
THIRD = "20261120T160000Z-99cc"


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

    assert notices == [told(OTHER), Notice("mqtt.rival", Severity.INFO, "")]


def told(meeting: str) -> Notice:
    text = f"MQTT: another meeting is held in room room, {meeting}: --room NAME parts them"
    return Notice("mqtt.rival", Severity.WARNING, text)


def test_of_several_the_newest_is_told_and_then_one_that_is_left() -> None:
    notices: list[Notice] = []
    one = rivals(notices)
    (first, first_ended), (second, second_ended) = (
        states(MeetingEnded(0, START + timedelta(minutes=1)), meeting=each) for each in (OTHER, THIRD)
    )

    for payload in (first, second, first, second_ended, first_ended):
        one.hear(payload, is_retained=False)

    assert notices == [told(OTHER), told(THIRD), told(OTHER), Notice("mqtt.rival", Severity.INFO, "")]


def test_whoever_comes_or_leaves_is_answered_once() -> None:
    one = rivals([])
    begun, ended = states(MeetingEnded(0, START + timedelta(minutes=1)), meeting=OTHER)

    answered = [one.hear(payload, is_retained=False) for payload in (states()[0], begun, begun, ended)]
    assert answered == [False, True, False, True]
    assert not one.hear(begun, is_retained=True)


@pytest.mark.broker
async def test_both_are_told_though_the_first_says_nothing(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(20),
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "streamer/room/meeting") as seen,
        running(broker.port) as first,
    ):
        await seen.until(lambda seen: len(seen.messages) == 1)
        async with running(broker.port, started=False) as second:
            await second.publisher.handle(replace(STARTED, meeting_id=OTHER))
            await seen.until(lambda seen: len(seen.messages) == 4)
            await second.publisher.handle(MeetingEnded(0, START))
            await seen.until(lambda seen: len(seen.messages) == 6)

    meetings = [(state["meeting"], state["state"]) for state in map(json.loads, seen.on("meeting"))]
    assert (first.notices[0], second.notices[0]) == (told(OTHER), told(STARTED.meeting_id))
    begun, other = (STARTED.meeting_id, "running"), (OTHER, "running")
    assert meetings == [begun, other, begun, other, (OTHER, "ended"), begun]


def test_what_the_broker_kept_of_a_meeting_that_was_broken_off_is_no_rival() -> None:
    notices: list[Notice] = []

    rivals(notices).hear(states(meeting=OTHER)[0], is_retained=True)

    assert notices == []


def test_what_no_streamer_published_is_passed_over() -> None:
    notices: list[Notice] = []

    rivals(notices).hear(b"{}", is_retained=False)

    assert notices == []
