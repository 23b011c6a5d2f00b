"""The meeting store: what was said, durable."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.finals import RUNNING_IDS, Finals, add_segment, remove_finals, revise_segment
from streamer.meeting.outbox import OutboxEntry, put
from streamer.meeting.rows import EDITS, RECORD_COLUMNS, line_of, record_of, stamp, unstamp
from streamer.minutes import Audio, Line, MeetingRecord, Moment, MomentKind, moment_of
from streamer.types import (
    GapFound,
    HotwordsChanged,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    MeetingStarted,
    SegmentFinalized,
    SegmentRevised,
    TitleChanged,
)

_NEWEST_FIRST = "substr(id, 1, 16) DESC, started_at DESC, id DESC"
"""By when they were begun, to the second that their ids tell: a file's sound may be older than that."""


@dataclass(frozen=True, slots=True)
class MeetingDetails:
    """What the store keeps of a meeting beside its :class:`~streamer.types.MeetingStarted`."""

    folder: str
    """Name of its folder inside ``meetings/``."""
    audio: Audio
    settings: str
    """JSON."""
    program: str
    """Version of streamer."""
    utc_offset_s: int
    """Local time, seconds east of UTC."""


class MeetingStore:
    """Meetings in one SQLite file. One thread at a time; any number of processes."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, started: MeetingStarted, details: MeetingDetails) -> None:
        """Open a meeting.

        Raises:
            StoreError: the store refuses, or knows a meeting of this id or folder.
        """
        with self.database.transaction() as connection:
            connection.execute(
                f"INSERT INTO meetings (program, {RECORD_COLUMNS}) VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?)",  # noqa: S608
                (
                    details.program, started.meeting_id, started.title, started.room, started.device, started.pack,
                    stamp(started.started_at), details.utc_offset_s, details.folder, details.audio, details.settings,
                    None, None,
                ),
            )  # fmt: skip

    def add(self, meeting_id: str, events: Sequence[tuple[MeetingEvent, Sequence[OutboxEntry]]]) -> None:
        """Make events durable, each together with the messages that announce it; all or none.

        Partials, status and notices are passed over, and so is a final that is already there.

        Raises:
            StoreError: the store refuses; nothing was changed.
        """
        with self.database.transaction() as connection:
            for event, messages in events:
                _add(connection, meeting_id, event)
                put(connection, meeting_id, messages)

    def record(self, meeting_id: str) -> MeetingRecord:
        """One meeting.

        Raises:
            StoreError: there is none of this id.
        """
        for row in self.database.rows(f"SELECT {RECORD_COLUMNS} FROM meetings WHERE id = ?", (meeting_id,)):  # noqa: S608
            return record_of(row)
        raise StoreError(f"there is no meeting {meeting_id}")

    def records(self) -> tuple[MeetingRecord, ...]:
        """All meetings, newest first."""
        return self._records("TRUE")

    def ended_records(self, meeting_ids: Iterable[str]) -> tuple[MeetingRecord, ...]:
        """Those of these meetings that have ended, newest first."""
        ids = msgspec.json.encode(list(meeting_ids)).decode()
        return self._records("ended_at IS NOT NULL AND id IN (SELECT value FROM json_each(?))", (ids,))

    def unended(self, room: str | None = None) -> tuple[MeetingRecord, ...]:
        """The meetings that nobody has ended, newest first; those of one room where it is named."""
        if room is None:
            return self._records("ended_at IS NULL")
        return self._records("ended_at IS NULL AND room = ?", (room,))

    def announced(self, meeting_id: str) -> int:
        """How many finals of a meeting were put into the outbox, whether or not they are still there."""
        query = "SELECT announced FROM meetings WHERE id = ?"
        return next((int(row[0]) for row in self.database.rows(query, (meeting_id,))), 0)

    def counted_records(self) -> tuple[tuple[MeetingRecord, int], ...]:
        """All meetings with the number of their lines with text; the one that was begun last comes first."""
        shown = "SELECT count(*) FROM segments s WHERE s.meeting_id = meetings.id AND s.text <> ''"
        changed = (
            "SELECT total((e.text <> '') - (s.text <> '')) FROM edits e JOIN segments s ON s.meeting_id = e.meeting_id "
            "AND s.id = e.segment_id WHERE e.meeting_id = meetings.id"
        )
        query = f"SELECT {RECORD_COLUMNS}, ({shown}) + ({changed}) FROM meetings ORDER BY {_NEWEST_FIRST}"  # noqa: S608
        return tuple((record_of(row[:-1]), int(row[-1])) for row in self.database.rows(query))

    def lines(self, meeting_id: str) -> Iterator[Line]:
        """The lines of a meeting in order of position, those without text too, read as they are asked for."""
        query = (
            "SELECT s.id, s.revision, s.start_sample, s.end_sample, s.started_at, s.text, s.spoken, s.confidence, "  # noqa: S608
            f"s.tokens, e.text FROM segments s {EDITS} WHERE s.meeting_id = ? ORDER BY s.start_sample, s.id"
        )
        return (line_of(row) for row in self.database.rows(query, (meeting_id,)))

    def finals(self, meeting_id: str) -> Finals:
        """What the machine wrote, whatever people made of it."""
        return Finals(self.database, meeting_id)

    def moments(self, meeting_id: str) -> tuple[Moment, ...]:
        """Marks, gaps and pauses in order of position, a gap where it began: it is told of when it is over."""
        query = "SELECT kind, at_sample, at, seconds, text FROM moments WHERE meeting_id = ? ORDER BY at_sample, number"
        moments: list[Moment] = []
        for kind, position, at, seconds, text in self.database.rows(query, (meeting_id,)):
            moment, place = Moment(MomentKind(kind), position, unstamp(at), seconds, text), len(moments)
            while moment.kind is MomentKind.GAP and place and _is_later(moments[place - 1], moment):
                place -= 1
            moments.insert(place, moment)
        return tuple(moments)

    def hotword_changes(self, meeting_id: str) -> tuple[HotwordsChanged, ...]:
        """What was favoured from which position on, in the order in which it changed."""
        query = "SELECT at_sample, words FROM hotword_changes WHERE meeting_id = ? ORDER BY number"
        return tuple(
            HotwordsChanged(position, msgspec.json.decode(words, type=tuple[str, ...]))
            for position, words in self.database.rows(query, (meeting_id,))
        )

    def edition(self, meeting_id: str) -> str:
        """Changes whenever something does that minutes already show: title, edits, summary, lines decoded again."""
        query = (
            "SELECT m.title, m.pack, (SELECT coalesce(max(id), 0) / ? FROM segments WHERE meeting_id = m.id), "
            "(SELECT group_concat(segment_id || ' ' || edited_at) FROM edits WHERE meeting_id = m.id), "
            "(SELECT made_at FROM summaries WHERE meeting_id = m.id) FROM meetings m WHERE m.id = ?"
        )
        return next((repr(row) for row in self.database.rows(query, (RUNNING_IDS, meeting_id))), "")

    def set_title(self, meeting_id: str, title: str) -> None:
        """Rename a meeting."""
        self.add(meeting_id, [(TitleChanged(title), ())])

    def has_folder(self, folder: str) -> bool:
        """Whether a meeting's folder has this name, or had it until somebody deleted it by hand."""
        return any(self.database.rows("SELECT 1 FROM meetings WHERE folder = ?", (folder,)))

    def set_folder(self, meeting_id: str, folder: str) -> None:
        """Note that a meeting's folder has another name."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE meetings SET folder = ? WHERE id = ?", (folder, meeting_id))

    def set_audio(self, meeting_id: str, audio: Audio) -> None:
        """Note what has become of a meeting's sound."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE meetings SET audio = ? WHERE id = ?", (audio, meeting_id))

    def delete(self, meeting_id: str) -> None:
        """Forget a meeting: lines, moments, edits, summary, and messages that wait for a broker."""
        with self.database.transaction() as connection:
            remove_finals(connection, meeting_id)
            connection.execute("DELETE FROM outbox WHERE meeting_id = ?", (meeting_id,))
            connection.execute("DELETE FROM meetings WHERE id = ?", (meeting_id,))

    def close(self) -> None:
        """Release the files. Safe to call twice."""
        self.database.close()

    def _records(self, condition: str, values: tuple[str, ...] = ()) -> tuple[MeetingRecord, ...]:
        query = f"SELECT {RECORD_COLUMNS} FROM meetings WHERE {condition} ORDER BY {_NEWEST_FIRST}"  # noqa: S608
        return tuple(record_of(row) for row in self.database.rows(query, values))


def _is_later(moment: Moment, gap: Moment) -> bool:
    """Whether a moment at the position of a gap came after the gap's beginning."""
    return moment.at_sample == gap.at_sample and moment.at > gap.at


def _add(connection: sqlite3.Connection, meeting_id: str, event: MeetingEvent) -> None:
    match event:
        case SegmentFinalized(segment=segment):
            add_segment(connection, meeting_id, segment)
        case SegmentRevised(segment=segment):
            revise_segment(connection, meeting_id, segment)
        case MarkAdded() | GapFound() | MeetingPaused() | MeetingResumed():
            moment = moment_of(event)
            connection.execute(
                "INSERT INTO moments (meeting_id, kind, at_sample, at, seconds, text) VALUES (?, ?, ?, ?, ?, ?)",
                (meeting_id, moment.kind, moment.at_sample, stamp(moment.at), moment.seconds, moment.text),
            )
        case HotwordsChanged(at_sample=position, words=words):
            connection.execute(
                "INSERT INTO hotword_changes (meeting_id, at_sample, words) VALUES (?, ?, ?)",
                (meeting_id, position, msgspec.json.encode(words).decode()),
            )
        case TitleChanged(title=title):
            connection.execute("UPDATE meetings SET title = ? WHERE id = ?", (title, meeting_id))
        case MeetingEnded(at_sample=position, ended_at=at):
            query = "UPDATE meetings SET ended_at = ?, end_sample = ? WHERE id = ?"
            connection.execute(query, (stamp(at), position, meeting_id))
        case _:
            pass
