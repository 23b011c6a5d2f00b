"""Finals that are written in another way in hindsight."""

from __future__ import annotations

import sqlite3

from streamer.meeting.index import add_line, remove_line
from streamer.meeting.rows import EDITS
from streamer.types import Segment


def revise_segment(connection: sqlite3.Connection, meeting_id: str, segment: Segment) -> None:
    """Give a final another text, inside a transaction; one that is gone or was decoded again stays as it is.

    What a person wrote in its place is still what is shown and found.
    """
    found = connection.execute(
        f"SELECT s.number, s.text, e.text IS NOT NULL FROM segments s {EDITS} "  # noqa: S608
        "WHERE s.meeting_id = ? AND s.id = ? AND s.spoken = ?",
        (meeting_id, segment.id, segment.spoken),
    ).fetchone()
    if found is None:
        return
    number, text, is_edited = found
    connection.execute(
        "UPDATE segments SET text = ?, revision = ? WHERE number = ?", (segment.text, segment.revision, number)
    )
    if not is_edited:
        remove_line(connection, number, text, segment.spoken)
        add_line(connection, number, segment.text, segment.spoken)
