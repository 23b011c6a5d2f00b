"""Events as lines of JSON, for other programs; ``config/events.schema.json`` describes them.

Positions are seconds of the recording; times are ISO 8601 in UTC. New keys may be added within a version.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from typing import Any

from streamer.clock import iso_time
from streamer.sinks.plain import Write
from streamer.types import (
    SAMPLE_RATE,
    CaptionsMissed,
    DeviceAwaited,
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingCalledOff,
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
    StatusUpdated,
    TitleChanged,
    Token,
)

VERSION = 1
"""Of the schema."""

_UNPRINTABLE = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What json leaves as it is, although a terminal on which the line is shown would obey it."""


class JsonLinesSink:
    """A :class:`~streamer.interfaces.Sink` that writes one line of JSON for every event."""

    def __init__(self, write: Write, *, room: str = "") -> None:
        """``room``: named in every line, where several rooms write; empty: none."""
        self._write = write
        self._room = room

    async def handle(self, event: MeetingEvent) -> None:
        """Write an event."""
        await self._write(to_line(event, room=self._room) + "\n")


def to_line(event: MeetingEvent, *, room: str = "") -> str:
    """One event as JSON on one line; text is complete, and harmless where it is shown. ``room``: named if not empty."""
    named = {"room": room} if room else {}
    line = json.dumps({"version": VERSION, **_payload(event), **named}, ensure_ascii=False, separators=(",", ":"))
    return _UNPRINTABLE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)


def _payload(event: MeetingEvent) -> dict[str, Any]:
    match event:
        case SegmentUpdated() | SegmentFinalized() | SegmentRevised():
            return _caption(event)
        case StatusUpdated():
            return {
                "event": "status_updated",
                "position_s": _seconds(event.position),
                "level_dbfs": round(event.level_dbfs, 1),
                "lag_s": round(event.lag_seconds, 3),
                "is_speech": event.is_speech,
                "partials_shed": event.partials_shed,
            }
        case Notice(key=key, severity=severity, text=text):
            return {"event": "notice", "key": key, "severity": severity, "text": text}
        case TitleChanged() | HotwordsChanged():
            return _change(event)
        case DeviceAwaited() | MeetingCalledOff():
            return _before(event)
        case _:
            return _moment(event)


def _before(event: DeviceAwaited | MeetingCalledOff) -> dict[str, Any]:
    match event:
        case DeviceAwaited(device=device, since=since, reason=reason):
            return {"event": "device_awaited", "device": device, "at": iso_time(since), "reason": reason}
        case MeetingCalledOff(called_off_at=at):
            return {"event": "meeting_called_off", "at": iso_time(at)}


def _change(event: TitleChanged | HotwordsChanged) -> dict[str, Any]:
    match event:
        case TitleChanged(title=title):
            return {"event": "title_changed", "title": title}
        case HotwordsChanged(at_sample=position, words=words):
            return {"event": "hotwords_changed", "position_s": _seconds(position), "words": len(words)}


def _caption(event: SegmentUpdated | SegmentFinalized | SegmentRevised) -> dict[str, Any]:
    match event:
        case SegmentUpdated(segment=segment, utterance_id=utterance, lag_seconds=lag):
            shown = {"utterance": utterance, "stable_length": segment.stable_length, "lag_s": round(lag, 3)}
            return {"event": "segment_updated", **_segment(segment), **shown}
        case SegmentFinalized(segment=segment):
            tokens = [_token(token) for token in segment.tokens]
            known = {"end_reason": segment.end_reason, "confidence": segment.confidence, "tokens": tokens}
            return {"event": "segment_finalized", **_segment(segment), **known}
        case SegmentRevised(segment=segment):
            return {"event": "segment_revised", **_segment(segment)}


def _moment(
    event: MeetingStarted | MarkAdded | GapFound | CaptionsMissed | MeetingPaused | MeetingResumed | MeetingEnded,
) -> dict[str, Any]:
    match event:
        case MeetingStarted():
            named = {"meeting": event.meeting_id, "title": event.title, "room": event.room}
            heard = {"device": event.device, "pack": event.pack, "at": iso_time(event.started_at)}
            return {"event": "meeting_started", **named, **heard}
        case MarkAdded(at_sample=position, marked_at=at, note=note):
            return {"event": "mark_added", **_place(position, at), "note": note}
        case GapFound(gap=gap):
            missing = {"missing_s": round(gap.seconds, 3), "reason": gap.reason}
            return {"event": "gap_found", **_place(gap.at_sample, gap.started_at), **missing}
        case CaptionsMissed(at_sample=position, missed_until=at, count=count):
            return {"event": "captions_missed", **_place(position, at), "count": count}
        case MeetingPaused(at_sample=position, paused_at=at) | MeetingResumed(at_sample=position, resumed_at=at):
            kind = "meeting_paused" if isinstance(event, MeetingPaused) else "meeting_resumed"
            return {"event": kind, **_place(position, at)}
        case MeetingEnded(at_sample=position, ended_at=at):
            return {"event": "meeting_ended", **_place(position, at)}


def _segment(segment: Segment) -> dict[str, Any]:
    return {
        "segment": segment.id,
        "revision": segment.revision,
        "start_s": _seconds(segment.start_sample),
        "end_s": _seconds(segment.end_sample),
        "at": iso_time(segment.started_at),
        "text": segment.text,
        "spoken": segment.spoken,
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "text": token.text,
        "syllable": token.syllable,
        "start_s": _seconds(token.start_sample),
        "end_s": _seconds(token.end_sample),
        "confidence": token.confidence,
    }


def _place(position: int, at: datetime) -> dict[str, Any]:
    return {"position_s": _seconds(position), "at": iso_time(at)}


def _seconds(samples: int) -> float:
    return round(samples / SAMPLE_RATE, 3)
