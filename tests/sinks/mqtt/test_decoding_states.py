"""Retained states of a room, and whether its streamer is there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.encoding import waiting_payload
from streamer.sinks.mqtt.payloads import StatusPayload, encode
from streamer.types import (
    DeviceAwaited,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    SegmentFinalized,
    TitleChanged,
)
from tests.sinks.events import awaited
from tests.sinks.mqtt.encoded import final, names, states
from tests.sinks.mqtt.parts import START, STARTED, segment


def test_whoever_comes_after_the_end_learns_when_that_was() -> None:
    end = START + timedelta(minutes=1)
    events = RoomDecoder("room").decode("meeting", states(MeetingEnded(960_000, end))[-1])

    assert events[-1] == MeetingEnded(960_000, end)


def test_late_joiner_sees_meeting_and_last_caption() -> None:
    retained = states(SegmentFinalized(segment(4, "到这里。")))[-1]
    events = RoomDecoder("room").decode("meeting", retained)

    assert [type(event) for event in events] == [MeetingStarted, SegmentFinalized]
    assert isinstance(events[1], SegmentFinalized)
    assert events[1].segment.text == "到这里。"


def test_states_become_events() -> None:
    payloads = states(MeetingPaused(0, START), MeetingResumed(0, START), TitleChanged("新"), MeetingEnded(0, START))

    assert names(RoomDecoder("room"), "meeting", *payloads) == [
        "MeetingStarted", "MeetingPaused", "MeetingResumed", "TitleChanged", "MeetingEnded",
    ]  # fmt: skip


def test_captions_before_the_retained_state_start_a_meeting() -> None:
    decoder = RoomDecoder("room")

    assert names(decoder, "caption/final", final(1)) == ["MeetingStarted", "SegmentFinalized"]
    assert names(decoder, "meeting", states()[0]) == ["MeetingStarted"]


def test_offline_and_online_are_a_warning_word_of_the_return_and_its_end_however_often_the_broker_says_so() -> None:
    """One that hung says so for each connection that was given up meanwhile."""
    decoder = RoomDecoder("room")
    decoder.decode("meeting", states()[0])
    texts = [
        event.text
        for status in ("online", "offline", "offline", "online")
        for event in decoder.decode("status", encode(StatusPayload(room="room", status=status)))
        if isinstance(event, Notice)
    ]

    assert texts == ["", "offline", "online", ""]


@pytest.mark.parametrize("status_first", [True, False])
def test_whoever_has_ended_its_meeting_may_go_offline(status_first: bool) -> None:
    offline = ("status", encode(StatusPayload(room="room", status="offline")))
    ended = ("meeting", states(MeetingEnded(0, START))[-1])
    decoder = RoomDecoder("room")
    arrived = [offline, ended] if status_first else [ended, offline]
    notices = [event for message in arrived for event in decoder.decode(*message) if isinstance(event, Notice)]

    assert notices[-1].text == ""


def test_a_meeting_that_was_broken_off_is_told_with_its_streamer_away() -> None:
    decoder = RoomDecoder("room", is_past_left_out=True)

    assert decoder.decode("status", encode(StatusPayload(room="room", status="offline")), is_retained=True) == ()
    started, missed = decoder.decode("meeting", states()[0], is_retained=True)
    assert isinstance(started, MeetingStarted)
    assert isinstance(missed, Notice)
    assert missed.text == "offline"


def test_a_meeting_that_had_ended_before_is_left_out_where_that_is_asked_for() -> None:
    decoder, ended = RoomDecoder("room", is_past_left_out=True), states(MeetingEnded(0, START))[-1]

    assert decoder.decode("meeting", ended, is_retained=True) == ()
    assert not decoder.has_meeting
    assert names(decoder, "meeting", states(meeting="later")[0]) == ["MeetingStarted"]
    assert names(RoomDecoder("room"), "meeting", ended) == ["MeetingStarted", "MeetingEnded"]


def test_a_final_of_a_meeting_that_was_left_out_brings_it_back() -> None:
    decoder = RoomDecoder("room", is_past_left_out=True)
    decoder.decode("meeting", states(SegmentFinalized(segment(1, "一")), MeetingEnded(0, START))[-1], is_retained=True)
    started, late = decoder.decode("caption/final", final(2))

    assert isinstance(started, MeetingStarted)
    assert started.title == STARTED.title
    assert isinstance(late, SegmentFinalized)


def status_of(*events: MeetingEvent) -> bytes:
    """What the retained status says after these."""
    waiting = [waiting_payload(event) for event in events if isinstance(event, DeviceAwaited)]
    return encode(StatusPayload(room="room", status="online", waiting=waiting[-1] if waiting else msgspec.UNSET))


OFFLINE = encode(StatusPayload(room="room", status="offline"))


def test_a_room_that_waits_for_its_microphone_is_told_until_its_meeting_begins() -> None:
    decoder = RoomDecoder("room")

    assert decoder.decode("status", status_of(awaited(9))) == (awaited(9),)
    assert decoder.decode("status", status_of(awaited(9))) == ()
    assert decoder.decode("status", status_of()) == ()
    assert names(decoder, "meeting", states()[0]) == ["MeetingStarted"]
    assert MeetingCalledOff not in map(type, decoder.decode("status", OFFLINE))


def test_a_room_that_waited_and_leaves_has_called_its_meeting_off() -> None:
    decoder = RoomDecoder("room")

    assert names(decoder, "status", status_of(awaited(9)), OFFLINE) == ["DeviceAwaited", "MeetingCalledOff"]


def test_a_wait_is_told_again_after_the_meeting_before_it() -> None:
    decoder, past = RoomDecoder("room"), states(MeetingEnded(0, START))[-1]
    decoder.decode("status", status_of(awaited(9)), is_retained=True)

    assert decoder.decode("meeting", past, is_retained=True)[-1] == awaited(9)


def test_a_meeting_that_was_broken_off_before_the_wait_does_not_end_it() -> None:
    decoder, awaited_later = RoomDecoder("room"), replace(awaited(9), since=START + timedelta(seconds=1))
    decoder.decode("status", status_of(awaited_later), is_retained=True)

    assert decoder.decode("meeting", states()[0], is_retained=True)[-1] == awaited_later
    assert MeetingCalledOff in map(type, decoder.decode("status", OFFLINE))
