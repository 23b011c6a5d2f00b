"""What the retained ``meeting`` topic says: pure, from events and from finals that the broker has."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec

from streamer.clock import to_the_millisecond
from streamer.sinks.mqtt.encoding import seconds
from streamer.sinks.mqtt.payloads import FinalPayload, LastCaption, MeetingPayload
from streamer.types import (
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    TitleChanged,
)

_TITLE_CHARACTERS = 200
"""Of a longer title the beginning is published: brokers limit messages, and this one comes with every final."""


@dataclass(slots=True)
class MeetingState:
    """The running meeting of one room."""

    room: str
    _payload: MeetingPayload | None = None

    @property
    def meeting_id(self) -> str:
        """Id of the meeting; empty before it started."""
        return self._payload.meeting if self._payload else ""

    def payload(self) -> MeetingPayload | None:
        """What to publish; None before a meeting started."""
        return self._payload

    def apply(self, event: MeetingEvent) -> bool:
        """Take an event; whether the payload changed."""
        before = self._payload
        if isinstance(event, MeetingStarted):
            self._payload = MeetingPayload(
                room=self.room,
                meeting=event.meeting_id,
                title=published_title(event.title),
                state="running",
                started_at=event.started_at,
                pack=event.pack,
                since=event.started_at,
            )
        elif before is not None:
            self._payload = _changed(before, event)
        return self._payload is not before

    def confirm(self, final: bytes) -> bool:
        """Take an encoded final that the broker has now; whether the payload changed.

        Only then: whoever reads of a final here and has not got it has missed it.
        """
        delivered = msgspec.json.decode(final, type=FinalPayload)
        if self._payload is None or delivered.meeting != self._payload.meeting:
            return False
        self._payload = with_final(self._payload, delivered)
        return True


def published_title(title: str) -> str:
    """As much of a meeting's title as is published."""
    return title[:_TITLE_CHARACTERS]


def with_final(payload: MeetingPayload, final: FinalPayload) -> MeetingPayload:
    """A meeting's state once the broker has another final."""
    last = payload.last
    if final.text:
        last = LastCaption(final.segment, final.revision, final.text, final.started_at)
    sequence = 0 if final.sequence is msgspec.UNSET else final.sequence
    return msgspec.structs.replace(payload, last=last, finals=max(payload.finals, sequence))


def _changed(payload: MeetingPayload, event: MeetingEvent) -> MeetingPayload:
    match event:
        case MeetingPaused(at_sample=position, paused_at=at):
            return _in_state(payload, "paused", position, at)
        case MeetingResumed(at_sample=position, resumed_at=at):
            return _in_state(payload, "running", position, at)
        case TitleChanged(title=title):
            return msgspec.structs.replace(payload, title=published_title(title))
        case MeetingEnded(at_sample=position, ended_at=at):
            return _in_state(payload, "ended", position, at)
        case _:
            return payload


def _in_state(payload: MeetingPayload, state: str, position: int, at: datetime) -> MeetingPayload:
    return msgspec.structs.replace(payload, state=state, position=seconds(position), since=to_the_millisecond(at))
