"""How values become columns of the store, and back."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec

from streamer.clock import iso_time
from streamer.minutes import Audio, Line, MeetingRecord
from streamer.types import EndReason, Segment, Token

RECORD_COLUMNS = (
    "id, title, room, device, pack, started_at, utc_offset_s, folder, audio, settings, ended_at, end_sample"
)
"""Columns of ``meetings`` that :func:`record_of` expects."""
EDITS = "LEFT JOIN edits e ON e.meeting_id = s.meeting_id AND e.segment_id = s.id"
"""Joins to segments ``s`` what a person made of each; NULL where nobody did."""
TEXT = "coalesce(e.text, s.text)"
"""What stands in the minutes: a person's text where there is one."""

SPOKEN = "iif(e.text IS NULL, s.spoken, '')"
"""What was heard, as it is indexed: nothing where a person wrote the text, which replaces both forms."""
_TokenRow = tuple[str, str, int, int, float | None, float | None]


def stamp(at: datetime) -> str:
    """A time as text that sorts: UTC, to the millisecond."""
    return iso_time(at.astimezone(UTC))


def unstamp(text: str) -> datetime:
    """The time that :func:`stamp` wrote."""
    return datetime.fromisoformat(text)


def packed_tokens(tokens: tuple[Token, ...]) -> str:
    """Tokens as one JSON array of arrays: text, syllable, start, end, score, confidence."""
    return msgspec.json.encode(
        [
            (one.text, one.syllable, one.start_sample, one.end_sample, _rounded(one.score), _rounded(one.confidence))
            for one in tokens
        ]
    ).decode()


def unpacked_tokens(text: str) -> tuple[Token, ...]:
    """The tokens that :func:`packed_tokens` wrote."""
    return tuple(Token(*row) for row in msgspec.json.decode(text, type=list[_TokenRow]))


def record_of(row: tuple[Any, ...]) -> MeetingRecord:
    """A meeting from its ``RECORD_COLUMNS``."""
    identity, title, room, device, pack, started_at, offset, folder, audio, settings, ended_at, end_sample = row
    return MeetingRecord(
        identity, title, room, device, pack, unstamp(started_at), offset, folder, Audio(audio), settings,
        unstamp(ended_at) if ended_at is not None else None, end_sample,
    )  # fmt: skip


def line_of(row: tuple[Any, ...]) -> Line:
    """A line from: id, revision, start, end, started_at, text, spoken, confidence, tokens, the edit's text or NULL."""
    identity, revision, start, end, started_at, text, spoken, confidence, tokens, edit = row
    return Line(
        identity, revision, start, end, unstamp(started_at), text if edit is None else edit, spoken, confidence,
        unpacked_tokens(tokens), edited=edit is not None,
    )  # fmt: skip


def final_of(row: tuple[Any, ...]) -> Segment:
    """A final from: id, revision, start, end, started_at, text, spoken, end_reason, tokens."""
    identity, revision, start, end, started_at, text, spoken, reason, tokens = row
    return Segment(
        identity, revision, start, end, unstamp(started_at), text, spoken, len(spoken), unpacked_tokens(tokens),
        is_final=True, end_reason=None if reason is None else EndReason(reason),
    )  # fmt: skip


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
