"""Payloads back into meeting events, for those who watch: pure.

One decoder a room. Repeats (same meeting, segment and revision) give no event, and a final that was seen is never
replaced by a partial that arrives late. Finals that were published meanwhile and did not arrive are counted.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import msgspec

from streamer.sinks.mqtt.arrivals import Arrivals
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
    TokenPayload,
)
from streamer.types import (
    SAMPLE_RATE,
    CaptionsMissed,
    EndReason,
    Gap,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    Notice,
    Segment,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    Severity,
    StatusUpdated,
    TitleChanged,
    Token,
)

_REMEMBERED = 4096
"""Marks and gaps that a room's decoder remembers."""
_MEETINGS = 64
"""States of meetings that it remembers, for finals of an earlier one that are sent late."""

OFFLINE_KEY = "mqtt.offline"
"""Begins the key of the notice that a room's streamer is away; its room follows."""
OFFLINE, ONLINE = "offline", "online"
"""Its texts, and empty where nobody needs to know."""


class RoomDecoder:
    """Turns what one room publishes into events, in order."""

    def __init__(self, room: str) -> None:
        self._room = room
        self._meeting: MeetingPayload | None = None
        self._known: OrderedDict[str, MeetingPayload] = OrderedDict()
        self._arrivals = Arrivals()
        self._moments: OrderedDict[tuple[str, float, datetime], None] = OrderedDict()
        self._is_offline = False
        self._is_missed = False

    def decode(self, leaf: str, payload: bytes, *, is_retained: bool = False) -> tuple[MeetingEvent, ...]:
        """Events of one message; nothing for topics that are not captions.

        Args:
            leaf: the topic below the room.
            payload: as it came.
            is_retained: whether the broker had it before this connection: what it tells may have been missed.

        Raises:
            ValueError: the payload is not what ``config/asyncapi.yaml`` describes, or of a later version.
        """
        try:
            match leaf:
                case "caption/partial":
                    events = self._partial(msgspec.json.decode(payload, type=PartialPayload))
                case "caption/final":
                    events = self._final(msgspec.json.decode(payload, type=FinalPayload))
                case "revised":
                    events = self._revised(msgspec.json.decode(payload, type=RevisedPayload))
                case "meeting":
                    meeting = msgspec.json.decode(payload, type=MeetingPayload)
                    events = self._state(meeting, is_retained=is_retained)
                case "mark":
                    events = self._mark(msgspec.json.decode(payload, type=MarkPayload))
                case "gap":
                    events = self._gap(msgspec.json.decode(payload, type=GapPayload))
                case "status":
                    events = self._status(msgspec.json.decode(payload, type=StatusPayload))
                case "metrics":
                    events = self._metrics(msgspec.json.decode(payload, type=MetricsPayload))
                case _:
                    events = ()
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"{self._room}/{leaf}: {error}") from error
        return events

    def _partial(self, payload: PartialPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        if self._arrivals.has(payload.meeting, payload.segment):
            return ()
        segment = _segment(payload, payload.stable)
        return (*self._joined(payload.meeting), SegmentUpdated(segment, payload.utterance, payload.lag))

    def _final(self, payload: FinalPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        is_new = self._arrivals.note(payload.meeting, payload.segment, payload.revision)
        missed = 0
        if payload.sequence is not msgspec.UNSET:
            missed = self._arrivals.take(payload.meeting, payload.sequence)
        if not is_new:
            return ()
        segment = replace(
            _segment(payload, len(payload.spoken)),
            tokens=tuple(map(_token, payload.tokens)),
            is_final=True,
            end_reason=EndReason.FORCED if payload.continues else EndReason.SILENCE,
        )
        return (*self._joined(payload.meeting), *_missed(missed, segment), SegmentFinalized(segment))

    def _revised(self, payload: RevisedPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        # Whoever has not got the final has no line that this could be written into.
        if not self._arrivals.has(payload.meeting, payload.segment):
            return ()
        if not self._arrivals.note(payload.meeting, payload.segment, payload.revision):
            return ()
        segment = replace(_segment(payload, len(payload.spoken)), is_final=True)
        return (*self._joined(payload.meeting), SegmentRevised(segment))

    def _mark(self, payload: MarkPayload) -> tuple[MeetingEvent, ...]:
        if self._is_repeat(payload):
            return ()
        return (*self._joined(payload.meeting), MarkAdded(_samples(payload.position), payload.at, payload.note))

    def _gap(self, payload: GapPayload) -> tuple[MeetingEvent, ...]:
        if self._is_repeat(payload):
            return ()
        gap = Gap(_samples(payload.position), payload.at, payload.seconds, payload.reason)
        return (*self._joined(payload.meeting), GapFound(gap))

    def _is_repeat(self, payload: MarkPayload | GapPayload) -> bool:
        _check_version(payload.v)
        key = (payload.meeting, payload.position, payload.at)
        if key in self._moments:
            return True
        self._moments[key] = None
        if len(self._moments) > _REMEMBERED:
            self._moments.popitem(last=False)
        return False

    def _joined(self, meeting: str) -> tuple[MeetingEvent, ...]:
        """A start for captions of another meeting: an earlier one, or one whose state has not come (yet)."""
        if self._meeting is not None and self._meeting.meeting == meeting:
            return ()
        now = datetime.now(UTC)
        unknown = MeetingPayload(self._room, meeting, title="", state="running", started_at=now, pack="")
        self._meeting = self._known.get(meeting, unknown)
        return (self._started(self._meeting),)

    def _state(self, payload: MeetingPayload, *, is_retained: bool) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        before, self._meeting = self._meeting, payload
        self._known[payload.meeting] = payload
        if len(self._known) > _MEETINGS:
            self._known.popitem(last=False)
        # Whoever comes to a room has missed nothing; whoever was there has, also of a meeting that began meanwhile.
        is_newcomer = before is None or not before.pack
        self._arrivals.begin(payload.meeting, payload.finals if is_newcomer else 0)
        at, position = payload.since or datetime.now(UTC), _samples(payload.position)
        changes: tuple[MeetingEvent, ...]
        begins = is_newcomer or before is None or before.meeting != payload.meeting
        if begins or before is None:
            changes, old_state = (self._started(payload), *self._late(payload)), "running"
        else:
            changes = (TitleChanged(payload.title),) if before.title != payload.title else ()
            # Both come after the finals that they tell of.
            changes += self._late(payload) if is_retained or payload.state == "ended" else ()
            old_state = before.state
        presence = self._presence() if self._is_offline and (begins or old_state != payload.state) else ()
        return (*changes, *_state_events(old_state, payload.state, position, at), *presence)

    def _started(self, payload: MeetingPayload) -> MeetingStarted:
        return MeetingStarted(
            payload.meeting, payload.title, self._room, f"MQTT {self._room}", payload.pack, payload.started_at
        )

    def _late(self, payload: MeetingPayload) -> tuple[MeetingEvent, ...]:
        """What a state tells of finals that have not arrived: the newest, and how many there were before it."""
        missed, last = self._arrivals.missed_until(payload.meeting, payload.finals), payload.last
        # Also where it is written in another way since: whoever watches has what was said.
        if last is None or self._arrivals.has(payload.meeting, last.segment):
            at, position = payload.since or payload.started_at, _samples(payload.position)
            return (CaptionsMissed(position, at, missed),) if missed else ()
        self._arrivals.note(payload.meeting, last.segment, last.revision)
        start = max(0, _samples((last.started_at - payload.started_at) / timedelta(seconds=1)))
        segment = Segment(
            last.segment,
            last.revision,
            start,
            start,
            last.started_at,
            last.text,
            last.text,
            len(last.text),
            is_final=True,
        )
        return (*_missed(missed - 1, segment), SegmentFinalized(segment))

    def _status(self, payload: StatusPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        self._is_offline = payload.status != "online"
        return self._presence()

    def _presence(self) -> tuple[MeetingEvent, ...]:
        """Whoever has ended a meeting may leave; while one runs it is a warning, and the return is news."""
        key, was_missed = f"{OFFLINE_KEY}.{self._room}", self._is_missed
        self._is_missed = self._is_offline and (self._meeting is None or self._meeting.state != "ended")
        if self._is_missed:
            return (Notice(key, Severity.WARNING, OFFLINE),)
        back = (Notice(key, Severity.INFO, ONLINE),) if was_missed and not self._is_offline else ()
        return (*back, Notice(key, Severity.INFO, ""))

    def _metrics(self, payload: MetricsPayload) -> tuple[MeetingEvent, ...]:
        _check_version(payload.v)
        return (
            StatusUpdated(
                _samples(payload.position), payload.level_dbfs, payload.lag, payload.speech, payload.partials_shed
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


def _segment(payload: PartialPayload | FinalPayload | RevisedPayload, stable_length: int) -> Segment:
    """What all three say of a line."""
    return Segment(
        id=payload.segment,
        revision=payload.revision,
        start_sample=_samples(payload.start),
        end_sample=_samples(payload.end),
        started_at=payload.started_at,
        text=payload.text,
        spoken=payload.spoken,
        stable_length=stable_length,
    )


def _samples(seconds: float) -> int:
    return round(seconds * SAMPLE_RATE)


def _token(payload: TokenPayload) -> Token:
    return Token(
        payload.text, payload.pinyin, _samples(payload.start), _samples(payload.end), confidence=payload.confidence
    )
