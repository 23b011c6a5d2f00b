"""The JSON payloads; ``config/asyncapi.yaml`` describes each, and tests validate against it.

Times within the meeting are seconds of its recording; wall-clock times are ISO 8601 in UTC, to the millisecond.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

P = TypeVar("P", bound=msgspec.Struct)

VERSION = 1
"""Grows when a field changes its meaning or goes away; new fields may come without."""

_YEARS = range(1900, 3000)
_LARGEST = 1e12


class TokenPayload(msgspec.Struct, frozen=True):
    """One character."""

    text: str
    pinyin: str
    start: float
    end: float
    confidence: float | None


class SaidPayload(msgspec.Struct, frozen=True):
    """What all texts have, partials, finals and those in hindsight."""

    room: str
    meeting: str
    segment: int
    revision: int
    """Grows with each text of a segment."""
    text: str
    spoken: str
    start: float
    end: float
    started_at: datetime


class PartialPayload(SaidPayload, frozen=True, kw_only=True):
    """Provisional text; the next one of the same segment replaces it."""

    utterance: int
    stable: int
    """Code points of ``spoken`` that will not change before the final."""
    lag: float
    v: int = VERSION


class FinalPayload(SaidPayload, frozen=True, kw_only=True):
    """Final text. (meeting, segment, revision) is unique: drop what you have seen."""

    continues: bool
    """The next segment continues the sentence (long speech was cut)."""
    confidence: float | None
    tokens: tuple[TokenPayload, ...]
    shortened: bool = False
    """Tokens were left out to keep below the broker's limit."""
    speaker: str | None = None
    """Reserved."""
    sequence: int | msgspec.UnsetType = msgspec.UNSET
    """Counts the meeting's finals from 1, without holes; unset in what an older streamer left in the outbox."""
    v: int = VERSION


class RevisedPayload(SaidPayload, frozen=True, kw_only=True):
    """A final that came before, its marks chosen once more in hindsight. (meeting, segment, revision) is unique.

    Its ``text`` is to be taken in place of the final's, ``spoken`` is as it was, ``revision`` higher.
    """

    v: int = VERSION


class LastCaption(msgspec.Struct, frozen=True):
    """The newest final with text that the broker has, for those who join late."""

    segment: int
    revision: int
    text: str
    started_at: datetime


class MeetingPayload(msgspec.Struct, frozen=True):
    """The running meeting, or the last one."""

    room: str
    meeting: str
    title: str
    state: str
    """``running``, ``paused`` or ``ended``."""
    started_at: datetime
    pack: str
    last: LastCaption | None = None
    since: datetime | None = None
    """When this state began."""
    position: float = 0.0
    """Seconds that had been recorded by then."""
    finals: int = 0
    """``sequence`` of the newest final that the broker has."""
    v: int = VERSION


class MarkPayload(msgspec.Struct, frozen=True):
    """A moment that somebody marked. (meeting, position, at) is unique: drop what you have seen."""

    room: str
    meeting: str
    position: float
    """Seconds recorded by then."""
    at: datetime
    note: str
    v: int = VERSION


class GapPayload(msgspec.Struct, frozen=True):
    """Sound that never arrived. (meeting, position, at) is unique: drop what you have seen."""

    room: str
    meeting: str
    position: float
    """Where it is missing, in seconds recorded."""
    at: datetime
    """When the sound stopped."""
    seconds: float
    """How long it was missing."""
    reason: str
    v: int = VERSION


class WaitingPayload(msgspec.Struct, frozen=True):
    """A microphone that is absent, so that no meeting has begun."""

    device: str
    """Which one; empty: the system's default input."""
    since: datetime
    reason: str
    """Why it cannot be opened now."""


class StatusPayload(msgspec.Struct, frozen=True):
    """Whether this room's streamer is connected, and whether it still waits for its microphone."""

    room: str
    status: str
    """``online`` or ``offline``."""
    waiting: WaitingPayload | msgspec.UnsetType = msgspec.UNSET
    """Unset where nothing is waited for."""
    v: int = VERSION


class MetricsPayload(msgspec.Struct, frozen=True):
    """How the meeting is doing."""

    room: str
    meeting: str
    position: float
    """Seconds recorded."""
    level_dbfs: float
    lag: float
    speech: bool
    partials_shed: int
    outbox: int
    """Captions that wait for the broker: finals, and finals in hindsight."""
    v: int = VERSION


class ReplyPayload(msgspec.Struct, frozen=True):
    """The answer to a command."""

    room: str
    id: str | None
    """The request's id; None where it could not be read."""
    ok: bool
    error: str | None = None
    v: int = VERSION


Payload = (
    PartialPayload
    | FinalPayload
    | RevisedPayload
    | MeetingPayload
    | MarkPayload
    | GapPayload
    | StatusPayload
    | MetricsPayload
    | ReplyPayload
)


def encode(payload: Payload) -> bytes:
    """Payload as UTF-8 JSON."""
    return msgspec.json.encode(payload)


def decode(payload: bytes, kind: type[P]) -> P:
    """A payload that somebody else has made.

    Raises:
        ValueError: it is not of this kind, or holds a time or a number that nothing can be made of.
    """
    try:
        decoded = msgspec.json.decode(payload, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ValueError(str(error)) from error
    _check(decoded)
    return decoded


def _check(value: Any) -> None:
    """Refuse what arithmetic with positions and times would end at, here and in the views."""
    match value:
        case msgspec.Struct():
            for name in value.__struct_fields__:
                _check(getattr(value, name))
        case tuple():
            for each in value:
                _check(each)
        case datetime(tzinfo=None):
            raise ValueError(f"{value.isoformat()} is a time without its zone, expected one as 2026-11-20T14:30:00Z")
        case datetime(year=year) if year not in _YEARS:
            raise ValueError(f"{value.isoformat()} is in the year {year}, expected {_YEARS[0]} to {_YEARS[-1]}")
        case int() | float() if not -_LARGEST <= value <= _LARGEST:
            raise ValueError(f"a number is beyond {_LARGEST:g}")


def shortened(payload: bytes) -> bytes:
    """An encoded final without its tokens."""
    final = msgspec.json.decode(payload, type=FinalPayload)
    return encode(msgspec.structs.replace(final, tokens=(), shortened=True))
