"""The finals of a meeting: what the machine wrote, whatever people made of it."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator, Sequence

import msgspec

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.edits import edited_ranges
from streamer.meeting.index import add_line, remove_line
from streamer.meeting.rows import EDITS, SPOKEN, TEXT, final_of, packed_tokens, stamp
from streamer.types import Segment

RUNNING_IDS = 1_000_000
"""While a meeting runs, its new segments count on; those decoded again begin at the next multiple of this."""
_ALL = 2**62
"""Later than any position."""


class Finals:
    """Those of one meeting in the store. All methods raise StoreError where it cannot be used."""

    def __init__(self, database: Database, meeting_id: str) -> None:
        self._database = database
        self._id = meeting_id

    def read(self, upto: int | None = None) -> Iterator[Segment]:
        """Them in order of position, read as they are asked for.

        ``upto``: without those that end later.
        """
        query = (
            "SELECT id, revision, start_sample, end_sample, started_at, text, spoken, end_reason, tokens FROM segments "
            "WHERE meeting_id = ? AND end_sample <= ? ORDER BY start_sample, id"
        )
        return (final_of(row) for row in self._database.rows(query, (self._id, _ALL if upto is None else upto)))

    def ids(self) -> set[int]:
        """Their ids."""
        query = "SELECT id FROM segments WHERE meeting_id = ?"
        return {int(row[0]) for row in self._database.rows(query, (self._id,))}

    def last_id(self) -> int:
        """The highest id of a segment; 0 where there is none."""
        return self._number("SELECT coalesce(max(id), 0) FROM segments WHERE meeting_id = ?")

    def text_before(self, segment_id: int) -> str:
        """The machine's text of the last segment with text before that id; empty where there is none."""
        query = (
            "SELECT text FROM segments WHERE meeting_id = ? AND id < ? AND text <> '' "
            "ORDER BY start_sample DESC, id DESC LIMIT 1"
        )
        return next((str(row[0]) for row in self._database.rows(query, (self._id, segment_id))), "")

    def until(self) -> int:
        """The position up to which everything said is final; 0 where nothing is."""
        return self._number("SELECT coalesce(max(end_sample), 0) FROM segments WHERE meeting_id = ?")

    def heard_until(self) -> int:
        """The position after the last token of the last final; 0 where there is none."""
        query = (
            "SELECT json_extract(tokens, '$[#-1][3]') FROM segments WHERE meeting_id = ? AND json_array_length(tokens) "
            "ORDER BY end_sample DESC, id DESC LIMIT 1"
        )
        return next((int(row[0]) for row in self._database.rows(query, (self._id,))), 0)

    def _number(self, query: str) -> int:
        """What a query about the meeting gives: one row with one number."""
        return next(int(row[0]) for row in self._database.rows(query, (self._id,)))

    def replace(
        self,
        segments: Sequence[Segment],
        pack: str,
        upto: int | None,
        keep: Sequence[int] = (),
        edited: tuple[tuple[int, int], ...] | None = None,
    ) -> None:
        """Put other finals in place of those that no person edited, and note the pack that made them.

        They take over their numbers, so that search knows how old they are.

        Args:
            segments: the other finals.
            pack: name and version.
            upto: finals that end later stay; None: all are replaced.
            keep: ids of finals that stay, too.
            edited: the ranges that edits owned when it was decided what to decode; None: whichever they own now.

        Raises:
            StoreError: edits own other ranges by now, or the store refuses; nothing is changed.
        """
        condition = (
            "s.meeting_id = ? AND e.text IS NULL AND s.end_sample <= ? AND s.id NOT IN (SELECT value FROM json_each(?))"
        )
        values = (self._id, upto if upto is not None else _ALL, msgspec.json.encode(keep).decode())
        with self._database.transaction() as connection:
            if edited is not None and edited != edited_ranges(self._database, self._id):
                raise StoreError(
                    f"meeting {self._id} was edited while it was decoded again; nothing is changed, do it once more"
                )
            gone = _indexed(connection, condition, values)
            for number, written, spoken in gone:
                remove_line(connection, number, written, spoken)
            free = sorted(number for number, *_ in gone)
            connection.executemany("DELETE FROM segments WHERE number = ?", [(number,) for number in free])
            connection.execute("UPDATE meetings SET pack = ? WHERE id = ?", (pack, self._id))
            for segment, number in itertools.zip_longest(segments, free[: len(segments)]):
                add_segment(connection, self._id, segment, number)


def add_segment(connection: sqlite3.Connection, meeting_id: str, segment: Segment, number: int | None = None) -> None:
    """Add a final and index it, inside a transaction; one that is already there stays as it is.

    ``number``: its key in the index; None: the next.
    """
    added = connection.execute(
        "INSERT INTO segments (number, meeting_id, id, revision, start_sample, end_sample, started_at, text, spoken, "
        "confidence, end_reason, pack, tokens) SELECT ?, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, pack, ? FROM meetings "
        "WHERE id = ? ON CONFLICT (meeting_id, id) DO NOTHING",
        (
            number, segment.id, segment.revision, segment.start_sample, segment.end_sample, stamp(segment.started_at),
            segment.text, segment.spoken, segment.confidence, segment.end_reason, packed_tokens(segment.tokens),
            meeting_id,
        ),
    )  # fmt: skip
    if added.rowcount == 1 and added.lastrowid is not None:
        add_line(connection, added.lastrowid, segment.text, segment.spoken)


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


def remove_finals(connection: sqlite3.Connection, meeting_id: str) -> None:
    """Take a meeting's finals out of the index, inside a transaction that deletes them."""
    for number, written, spoken in _indexed(connection, "s.meeting_id = ?", (meeting_id,)):
        remove_line(connection, number, written, spoken)


def _indexed(
    connection: sqlite3.Connection, condition: str, values: tuple[str | int, ...]
) -> list[tuple[int, str, str]]:
    """Number and indexed texts of segments: an edit replaces both forms."""
    return connection.execute(
        f"SELECT s.number, {TEXT}, {SPOKEN} FROM segments s {EDITS} WHERE {condition}",  # noqa: S608
        values,
    ).fetchall()
