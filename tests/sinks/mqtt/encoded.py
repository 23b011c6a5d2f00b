"""Payloads as a room publishes them, for whoever decodes them."""

from __future__ import annotations

from dataclasses import replace

from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.encoding import (
    final_payload,
    revised_payload,
)
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import (
    MeetingEvent,
    SegmentFinalized,
)
from tests.sinks.mqtt.parts import STARTED, segment

MEETING = STARTED.meeting_id


def final(number: int, text: str = "你好。", *, revision: int = 3, meeting: str = MEETING) -> bytes:
    """A final whose id is its sequence too."""
    return encode(final_payload("room", meeting, segment(number, text, revision=revision), number))


def states(*events: MeetingEvent, meeting: str = MEETING) -> list[bytes]:
    """What the retained topic says after each event; of a final: when the broker has it."""
    state = MeetingState("room")
    payloads = []
    for event in (replace(STARTED, meeting_id=meeting), *events):
        state.apply(event)
        if isinstance(event, SegmentFinalized):
            state.confirm(final(event.segment.id, event.segment.text, meeting=meeting))
        payload = state.payload()
        assert payload is not None
        payloads.append(encode(payload))
    return payloads


def names(decoder: RoomDecoder, leaf: str, *payloads: bytes) -> list[str]:
    return [type(event).__name__ for payload in payloads for event in decoder.decode(leaf, payload)]


def revised(number: int, text: str = "你好，", *, revision: int = 4, meeting: str = MEETING) -> bytes:
    return encode(revised_payload("room", meeting, segment(number, text, revision=revision)))
