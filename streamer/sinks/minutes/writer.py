"""What a format of minutes must be able to write."""

from __future__ import annotations

from typing import Protocol

from streamer.minutes import Line, MeetingRecord, Moment, MomentKind
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


def length_of(seconds: float) -> str:
    """A length in hours, minutes and seconds, ``26:03:04``: Python's own counts days, and those in English."""
    whole = int(seconds)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def title_of(record: MeetingRecord, labels: Labels) -> str:
    """The title, or what stands in its place."""
    return plain_title(record.title) or labels.untitled


def clock(record: MeetingRecord | None, entry: Line | Moment) -> str:
    """When it was, by the clock on the meeting's wall; UTC before a head was written."""
    at = entry.started_at if isinstance(entry, Line) else entry.at
    return record.wall_time(at) if record is not None else f"{at:%H:%M:%S}"


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
