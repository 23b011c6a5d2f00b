"""What people write over the machine's text."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.index import add_line, remove_line
from streamer.meeting.numbers import line_numbers
from streamer.meeting.rows import EDITS, SPOKEN, TEXT, stamp


def edit_line(database: Database, meeting_id: str, segment_id: int, text: str, at: datetime) -> str:
    """Give a line another text; its sample range belongs to the edit from now on. An empty text hides the line.

    Returns:
        The text it had.

    Raises:
        StoreError: there is no such line, or the store refuses.
    """
    with database.transaction() as connection:
        number, old, spoken, start, end = _line(connection, meeting_id, segment_id)
        remove_line(connection, number, old, spoken)
        connection.execute(
            "INSERT OR REPLACE INTO edits (meeting_id, segment_id, start_sample, end_sample, text, edited_at) "
            "VALUES (?, ?, ?, ?, ?, ?)",
            (meeting_id, segment_id, start, end, text, stamp(at)),
        )
        add_line(connection, number, text, "")
    return old


def undo_edit(database: Database, meeting_id: str, segment_id: int) -> tuple[str, str]:
    """Give a line the machine's text back.

    Returns:
        The text it had, and the machine's.

    Raises:
        StoreError: there is no such line, it is not edited, or the store refuses.
    """
    with database.transaction() as connection:
        number, old, spoken, *_ = _line(connection, meeting_id, segment_id)
        removed = connection.execute(
            "DELETE FROM edits WHERE meeting_id = ? AND segment_id = ?", (meeting_id, segment_id)
        )
        if not removed.rowcount:
            line = line_numbers(database, meeting_id).get(segment_id, f"@{segment_id}")
            raise StoreError(
                f"line {line} of meeting {meeting_id} was never edited: there is nothing to undo, it is as the machine "
                "wrote it"
            )
        remove_line(connection, number, old, spoken)
        number, text, spoken, *_ = _line(connection, meeting_id, segment_id)
        add_line(connection, number, text, spoken)
    return old, text


def edited_ranges(database: Database, meeting_id: str) -> tuple[tuple[int, int], ...]:
    """The sample ranges that edits own, in order.

    Raises:
        StoreError: the store cannot be read.
    """
    query = "SELECT start_sample, end_sample FROM edits WHERE meeting_id = ? ORDER BY start_sample"
    return tuple((start, end) for start, end in database.rows(query, (meeting_id,)))


def _line(connection: sqlite3.Connection, meeting_id: str, segment_id: int) -> tuple[int, str, str, int, int]:
    """Number, text and spoken form as indexed, and range of a line."""
    row = connection.execute(
        f"SELECT s.number, {TEXT}, {SPOKEN}, s.start_sample, s.end_sample "  # noqa: S608
        f"FROM segments s {EDITS} WHERE s.meeting_id = ? AND s.id = ?",
        (meeting_id, segment_id),
    ).fetchone()
    if row is None:
        raise StoreError(
            f"meeting {meeting_id} has no segment @{segment_id}: `streamer meetings show {meeting_id} --json` has them"
        )
    number, text, spoken, start, end = row
    return int(number), str(text), str(spoken), int(start), int(end)
