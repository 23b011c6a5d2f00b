"""What a format of minutes must be able to write."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from streamer.lengths import length_of
from streamer.minutes import Line, MeetingRecord, Moment, MomentKind
from streamer.sinks.days import Days
from streamer.sinks.minutes.labels import Labels
from streamer.sinks.minutes.plain import plain, plain_title
from streamer.sinks.sound_reasons import told_reason
from streamer.types import SAMPLE_RATE


class MinutesWriter(Protocol):
    """One format, written piece by piece: a head, entries in order, a tail. It may count entries between heads."""

    tail: str
    """What ends the file; empty where it may end after any entry."""

    def head(self, record: MeetingRecord, summary: str) -> str:
        """The beginning of the file; entries start again. ``summary``: plain text, may be empty."""

    def entry(self, entry: Line | Moment, link: str | None) -> str:
        """One line or moment; empty where the format leaves it out. ``link``: relative URL of its sound."""


def head_facts(record: MeetingRecord, labels: Labels) -> list[tuple[str, str]]:
    """Label and value of what stands at the head of minutes."""
    start = record.local_start
    facts = [(labels.time, f"{start:%Y-%m-%d %H:%M}–{labels.running}")]
    if record.ended_at is not None:
        end = record.local(record.ended_at)
        same_day = end.date() == start.date()
        facts = [(labels.time, f"{start:%Y-%m-%d %H:%M}–{end:{'%H:%M' if same_day else '%Y-%m-%d %H:%M'}}")]
    if record.end_sample is not None:
        facts.append((labels.length, length_of(record.end_sample / SAMPLE_RATE)))
    named = [(labels.room, record.room), (labels.device, record.device), (labels.pack, record.pack)]
    return facts + [(label, plain(value)) for label, value in named if plain(value)]


def title_of(record: MeetingRecord, labels: Labels) -> str:
    """The title, or what stands in its place."""
    return plain_title(record.title) or labels.untitled


class Times:
    """When the entries of one file were, by the clock on the meeting's wall."""

    def __init__(self) -> None:
        self._record: MeetingRecord | None = None
        self._days = Days(self._local)

    def begin(self, record: MeetingRecord) -> None:
        """The file is written anew; above all entries it has the date of the meeting's start."""
        self._record = record
        self._days.begin(record.started_at)

    def date_above(self, entry: Line | Moment) -> str:
        """The date to stand above an entry, as of :class:`~streamer.sinks.days.Days`. Entries come in order."""
        return self._days.date_above(_time_of(entry))

    def clock(self, entry: Line | Moment) -> str:
        """Its time, without the date."""
        return f"{self._local(_time_of(entry)):%H:%M:%S}"

    def _local(self, at: datetime) -> datetime:
        """UTC before a head was written."""
        return self._record.local(at) if self._record is not None else at


def _time_of(entry: Line | Moment) -> datetime:
    return entry.started_at if isinstance(entry, Line) else entry.at


def moment_text(moment: Moment, labels: Labels) -> str:
    """A moment in words."""
    name = {
        MomentKind.MARK: labels.mark,
        MomentKind.GAP: f"{labels.gap} {moment.seconds:.1f} {labels.seconds}",
        MomentKind.PAUSE: labels.pause,
        MomentKind.RESUME: labels.resume,
    }[moment.kind]
    note = plain(told_reason(moment.text, labels.messages) if moment.kind is MomentKind.GAP else moment.text)
    return f"{name}{labels.colon}{note}" if note else name
