"""Search over everything that was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from streamer.meeting.database import Database
from streamer.meeting.index import query, spaced, wanted
from streamer.meeting.rows import EDITS, TEXT, unstamp


class HitKind(StrEnum):
    """What holds it."""

    TITLE = "title"
    LINE = "line"
    MARK = "mark"
    """The note of a mark."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A line, a title or a mark's note that holds what was searched for."""

    kind: HitKind
    meeting_id: str
    title: str
    segment_id: int | None
    """Of a line."""
    start_sample: int
    started_at: datetime
    """UTC."""
    text: str
    before: str = ""
    """The line before it; empty where there is none."""
    after: str = ""
    """The line after it."""

    @property
    def place(self) -> tuple[str, bool, int, int]:
        """Sorts by time: meeting, its title before all else, position."""
        return self.meeting_id, self.kind is not HitKind.TITLE, self.start_sample, self.segment_id or 0


def search(database: Database, text: str, *, limit: int, meeting_id: str | None = None) -> tuple[Hit, ...]:
    """The newest lines that hold a text in their written or spoken form, newest first.

    Words parted by spaces are all to be in a line, in any order; what stands in double quotes is sought as it is.
    Punctuation, case and width do not matter. A text without letters, digits or characters finds nothing.

    Raises:
        StoreError: the store cannot be read.
    """
    sought = query(text)
    if sought is None:
        return ()
    condition, values = ("AND s.meeting_id = ?", (meeting_id,)) if meeting_id is not None else ("", ())
    rows = database.rows(
        f"SELECT s.meeting_id, m.title, s.id, s.start_sample, s.started_at, {TEXT} "  # noqa: S608
        "FROM spoken_and_written f JOIN segments s ON s.number = f.rowid JOIN meetings m ON m.id = s.meeting_id "
        f"{EDITS} WHERE f.spoken_and_written MATCH ? {condition} ORDER BY f.rowid DESC LIMIT ?",
        (sought, *values, limit),
    )
    hits = []
    for meeting, title, segment, start, at, written in list(rows):
        before = _neighbour(database, meeting, start, "<", "DESC")
        after = _neighbour(database, meeting, start, ">", "ASC")
        hits.append(Hit(HitKind.LINE, meeting, title, segment, start, unstamp(at), written, before, after))
    return tuple(hits)


def search_names(database: Database, text: str, *, meeting_id: str | None = None) -> tuple[Hit, ...]:
    """The titles and marks' notes that hold a text, as :func:`search` finds lines; in no order.

    They are looked through one by one: there are a few for thousands of lines.

    Raises:
        StoreError: the store cannot be read.
    """
    sought = [_plain(words) for words in wanted(text)]
    condition, values = ("WHERE m.id = ?", (meeting_id,)) if meeting_id is not None else ("", ())
    hits = [
        Hit(HitKind.TITLE, meeting, title, None, 0, unstamp(started_at), title)
        for meeting, title, started_at in database.rows(
            f"SELECT m.id, m.title, m.started_at FROM meetings m {condition}",  # noqa: S608
            values,
        )
        if _holds(title, sought)
    ]
    marks = database.rows(
        "SELECT m.id, m.title, o.at_sample, o.at, o.text FROM moments o "  # noqa: S608
        f"JOIN meetings m ON m.id = o.meeting_id AND o.kind = 'mark' AND o.text <> '' {condition}",
        values,
    )
    for meeting, title, position, at, note in [row for row in marks if _holds(row[-1], sought)]:
        before = _neighbour(database, meeting, position, "<", "DESC")
        after = _neighbour(database, meeting, position, ">=", "ASC")
        hits.append(Hit(HitKind.MARK, meeting, title, None, position, unstamp(at), note, before, after))
    return tuple(hits)


def newest(hits: Iterable[Hit], limit: int) -> tuple[Hit, ...]:
    """So many of the hits, those of the newest meetings, and there of what was said last."""
    return tuple(sorted(hits, key=lambda hit: hit.place, reverse=True)[:limit])


def in_reading_order(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """The same hits meeting by meeting, the newest first, what is in it in the order in which it was said."""
    ordered = sorted(hits, key=lambda hit: hit.place)
    return tuple(sorted(ordered, key=lambda hit: hit.meeting_id, reverse=True))  # stable; ids sort by time


def _holds(text: str, sought: Iterable[str]) -> bool:
    held = _plain(text)
    return all(words in held for words in sought)


def _plain(text: str) -> str:
    return spaced(text).replace(" ", "").casefold()


def _neighbour(database: Database, meeting_id: str, start_sample: int, side: str, order: str) -> str:
    query = (
        f"SELECT {TEXT} FROM segments s {EDITS} WHERE s.meeting_id = ? AND s.start_sample {side} ? "  # noqa: S608
        f"AND {TEXT} <> '' ORDER BY s.start_sample {order} LIMIT 1"
    )
    return next((str(row[0]) for row in list(database.rows(query, (meeting_id, start_sample)))), "")
