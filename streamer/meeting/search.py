"""Search over everything that was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from streamer.meeting.database import Database
from streamer.meeting.index import phrase
from streamer.meeting.rows import unstamp


@dataclass(frozen=True, slots=True)
class Hit:
    """A line that holds what was searched for."""

    meeting_id: str
    title: str
    utc_offset_s: int
    """Of the meeting, seconds east of UTC."""
    segment_id: int
    start_sample: int
    started_at: datetime
    """UTC."""
    text: str
    before: str
    """The line before it; empty where there is none."""
    after: str
    """The line after it."""


def search(database: Database, text: str, *, limit: int, meeting_id: str | None = None) -> tuple[Hit, ...]:
    """The newest lines that hold a text in their written or spoken form, newest first.

    Punctuation, spaces, case and width do not matter. A text without letters, digits or characters finds nothing.

    Raises:
        StoreError: the store cannot be read.
    """
    query = phrase(text)
    if query is None:
        return ()
    condition, values = ("AND s.meeting_id = ?", (meeting_id,)) if meeting_id is not None else ("", ())
    rows = database.rows(
        "SELECT s.meeting_id, m.title, m.utc_offset_s, s.id, s.start_sample, s.started_at, coalesce(e.text, s.text) "  # noqa: S608
        "FROM spoken_and_written f JOIN segments s ON s.number = f.rowid JOIN meetings m ON m.id = s.meeting_id "
        "LEFT JOIN edits e ON e.meeting_id = s.meeting_id AND e.segment_id = s.id "
        f"WHERE f.spoken_and_written MATCH ? {condition} ORDER BY f.rowid DESC LIMIT ?",
        (query, *values, limit),
    )
    hits = []
    for meeting, title, offset, segment, start, started_at, written in list(rows):
        before = _neighbour(database, meeting, start, "<", "DESC")
        after = _neighbour(database, meeting, start, ">", "ASC")
        hits.append(Hit(meeting, title, offset, segment, start, unstamp(started_at), written, before, after))
    return tuple(hits)


def in_reading_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The same hits meeting by meeting, the newest first, its lines in the order in which they were said."""
    meetings: dict[str, list[Hit]] = {}
    for hit in hits:
        meetings.setdefault(hit.meeting_id, []).append(hit)
    return tuple(
        hit
        for _, lines in sorted(meetings.items(), reverse=True)  # their ids sort by time
        for hit in sorted(lines, key=lambda line: (line.start_sample, line.segment_id))
    )


def _neighbour(database: Database, meeting_id: str, start_sample: int, side: str, order: str) -> str:
    query = (
        "SELECT coalesce(e.text, s.text) FROM segments s LEFT JOIN edits e ON e.meeting_id = s.meeting_id "  # noqa: S608
        f"AND e.segment_id = s.id WHERE s.meeting_id = ? AND s.start_sample {side} ? "
        f"AND coalesce(e.text, s.text) <> '' ORDER BY s.start_sample {order} LIMIT 1"
    )
    return next((str(row[0]) for row in list(database.rows(query, (meeting_id, start_sample)))), "")
