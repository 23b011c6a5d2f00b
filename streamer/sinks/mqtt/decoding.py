"""Payloads back into meeting events, for those who watch: pure.

One decoder a room. Repeats (same meeting, segment and revision) give no event, and a final that was seen is never
replaced by a partial that arrives late. Finals that were published meanwhile and did not arrive are counted.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime

import msgspec

from streamer.sinks.mqtt.absence import Absence
from streamer.sinks.mqtt.arrivals import Arrivals
from streamer.sinks.mqtt.known import KnownMeetings
from streamer.sinks.mqtt.payloads import (
    VERSION,
    FinalPayload,
    GapPayload,
    MarkPayload,
    MeetingPayload,
    MetricsPayload,
    PartialPayload,
    RevisedPayload,
    StatusPayload,
    decode,
)
from streamer.sinks.mqtt.segments import final_segment, last_segment, partial_segment, revised_segment, samples
from streamer.sinks.mqtt.waiting import Wait
from streamer.types import (
    CaptionsMissed,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
    TitleChanged,
)

_REMEMBERED = 4096
"""Marks and gaps that a room's decoder remembers."""


class RoomDecoder:
    """Turns what one room publishes into events, in order."""

    def __init__(self, room: str, *, is_past_left_out: bool = False) -> None:
        """``is_past_left_out``: whether nobody is told of a meeting that had ended before anything else is known."""
        self._room = room
        self._is_past_left_out = is_past_left_out
        self._meetings = KnownMeetings(room)
        self._arrivals = Arrivals()
        self._moments: OrderedDict[tuple[str, float, datetime], None] = OrderedDict()
        self._absence = Absence(room)
        self._wait = Wait()

    @property
    def has_meeting(self) -> bool:
        """Whether there is a meeting that somebody was told of."""
        return self._meetings.current is not None

    def decode(
        self, leaf: str, payload: bytes, *, is_retained: bool = False, there_since: datetime | None = None
    ) -> tuple[MeetingEvent, ...]:
        """Events of one message; nothing for topics that are not captions.

        Args:
            leaf: the topic below the room.
            payload: as it came.
            is_retained: whether the broker had it before this connection: what it tells may have been missed.
            there_since: when whoever watches came, where the link was lost since: what began later was missed, too.

        Raises:
            ValueError: the payload is not what ``config/asyncapi.yaml`` describes, or of a later version.
        """
        try:
            match leaf:
                case "caption/partial":
                    events = self._partial(decode(payload, PartialPayload))
                case "caption/final":
                    events = self._final(decode(payload, FinalPayload))
                case "revised":
                    events = self._revised(decode(payload, RevisedPayload))
                case "meeting":
                    meeting = decode(payload, MeetingPayload)
                    events = self._state(meeting, is_retained=is_retained, there_since=there_since)
                case "mark":
                    events = self._mark(decode(payload, MarkPayload))
                case "gap":
                    events = self._gap(decode(payload, GapPayload))
                case "status":
                    events = self._status(decode(payload, StatusPayload))
                case "metrics":
                    events = self._metrics(decode(payload, MetricsPayload))
                case _:
                    events = ()
        except ValueError as error:
            raise ValueError(f"{self._room}/{leaf}: {error}") from error
        return events

    def _partial(self, payload: PartialPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        if self._arrivals.has(payload.meeting, payload.segment):
            return ()
        if self._meetings.is_beside(payload.meeting):
            # Of two meetings in one room the one whose final came last is shown: a person cannot read both at once.
            return self._meetings.tell_two()
        event = SegmentUpdated(partial_segment(payload), payload.utterance, payload.lag)
        return (*self._meetings.join(payload.meeting), event)

    def _final(self, payload: FinalPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        is_new = self._arrivals.note(payload.meeting, payload.segment, payload.revision)
        missed = 0
        if payload.sequence is not msgspec.UNSET:
            missed = self._arrivals.take(payload.meeting, payload.sequence)
        if not is_new:
            return ()
        segment = final_segment(payload)
        joined = self._meetings.join(payload.meeting, segment.started_at)
        return (*joined, *_missed(missed, segment), SegmentFinalized(segment))

    def _revised(self, payload: RevisedPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        # Whoever has not got the final has no line that this could be written into.
        if not self._arrivals.has(payload.meeting, payload.segment):
            return ()
        if not self._arrivals.note(payload.meeting, payload.segment, payload.revision):
            return ()
        return (*self._meetings.join(payload.meeting, payload.started_at), SegmentRevised(revised_segment(payload)))

    def _mark(self, payload: MarkPayload) -> tuple[MeetingEvent, ...]:
        if self._is_repeat(payload):
            return ()
        return (*self._meetings.join(payload.meeting), MarkAdded(samples(payload.position), payload.at, payload.note))

    def _gap(self, payload: GapPayload) -> tuple[MeetingEvent, ...]:
        if self._is_repeat(payload):
            return ()
        gap = Gap(samples(payload.position), payload.at, payload.seconds, payload.reason)
        return (*self._meetings.join(payload.meeting), GapFound(gap))

    def _is_repeat(self, payload: MarkPayload | GapPayload) -> bool:
        _check_version(payload.v)
        key = (payload.meeting, payload.position, payload.at)
        if key in self._moments:
            return True
        self._moments[key] = None
        if len(self._moments) > _REMEMBERED:
            self._moments.popitem(last=False)
        return False

    def _state(
        self, payload: MeetingPayload, *, is_retained: bool, there_since: datetime | None
    ) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        parted = self._meetings.note(payload)
        before = self._meetings.current
        if self._is_past_left_out and is_retained and before is None and payload.state == "ended":
            self._arrivals.begin(payload.meeting, payload.finals)
            return ()
        self._meetings.take(payload)
        # Whoever comes to a room has missed nothing; whoever was there has, also of a meeting that began meanwhile.
        is_newcomer = before is None or not before.pack
        was_there = not is_newcomer or (there_since is not None and there_since <= payload.started_at)
        self._arrivals.begin(payload.meeting, 0 if was_there else payload.finals)
        at, position = payload.since or datetime.now(UTC), samples(payload.position)
        changes: tuple[MeetingEvent, ...]
        begins = is_newcomer or before is None or before.meeting != payload.meeting
        if begins or before is None:
            changes, old_state = (self._meetings.started(payload), *self._late(payload)), "running"
        else:
            changes = (TitleChanged(payload.title),) if before.title != payload.title else ()
            # Both come after the finals that they tell of.
            changes += self._late(payload) if is_retained or payload.state == "ended" else ()
            old_state = before.state
        presence = self._presence() if self._absence.is_offline and (begins or old_state != payload.state) else ()
        waiting = self._wait.still(None if payload.state == "ended" else payload.started_at)
        return (*parted, *changes, *_state_events(old_state, payload.state, position, at), *presence, *waiting)

    def _late(self, payload: MeetingPayload) -> tuple[MeetingEvent, ...]:
        """What a state tells of finals that have not arrived: the newest, and how many there were before it."""
        missed, last = self._arrivals.missed_until(payload.meeting, payload.finals), payload.last
        # Also where it is written in another way since: whoever watches has what was said.
        if last is None or self._arrivals.has(payload.meeting, last.segment):
            at, position = payload.since or payload.started_at, samples(payload.position)
            return (CaptionsMissed(position, at, missed),) if missed else ()
        self._arrivals.note(payload.meeting, last.segment, last.revision)
        segment = last_segment(payload, last)
        return (*_missed(missed - 1, segment), SegmentFinalized(segment))

    def _status(self, payload: StatusPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        self._absence.is_offline = payload.status != "online"
        # Without a meeting nobody misses the room; where one is told of later, so is that its streamer is away.
        return (*self._wait.take(payload), *(self._presence() if self.has_meeting else ()))

    def _presence(self) -> tuple[Notice, ...]:
        meeting = self._meetings.current
        return self._absence.notices(is_ended=meeting is not None and meeting.state == "ended")

    def _metrics(self, payload: MetricsPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        if self._meetings.is_beside(payload.meeting):
            return ()
        return (
            StatusUpdated(
                samples(payload.position), payload.level_dbfs, payload.lag, payload.speech, payload.partials_shed
            ),
        )


def _missed(count: int, following: Segment) -> tuple[MeetingEvent, ...]:
    if count < 1:
        return ()
    return (CaptionsMissed(following.start_sample, following.started_at, count),)


def _state_events(before: str, after: str, position: int, at: datetime) -> tuple[MeetingEvent, ...]:
    match before, after:
        case "running", "paused":
            return (MeetingPaused(position, at),)
        case "paused", "running":
            return (MeetingResumed(position, at),)
        case "running" | "paused", "ended":
            return (MeetingEnded(position, at),)
        case _:
            return ()


def _check_version(version: int) -> None:
    if version != VERSION:
        raise ValueError(f"payload version {version}, expected {VERSION}: update streamer on this machine")
