"""Minutes as subtitles: SRT and WebVTT. Times are those of the recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import ClassVar

from streamer.lengths import length_of
from streamer.minutes import Line, MeetingRecord, Moment
from streamer.sinks.minutes.cues import Cue, cues_of, reading_samples
from streamer.sinks.minutes.plain import plain
from streamer.types import SAMPLE_RATE

_SHORTEST_MS = 200
"""A cue is shown at least so long; the next begins later where it must."""


class SubtitleWriter:
    """Cues in order, none before the end of the one before it."""

    tail = ""
    point: ClassVar[str]
    """Stands before the milliseconds of a time."""

    def __init__(self) -> None:
        self._count = 0
        self._reached_ms = 0

    def head(self, record: MeetingRecord, summary: str) -> str:  # noqa: ARG002 - SRT has no head
        """What stands before the first cue."""
        self._count = self._reached_ms = 0
        return ""

    def entry(self, entry: Line | Moment, link: str | None) -> str:  # noqa: ARG002 - subtitles have no links
        """The cues of a line; moments are left out."""
        if isinstance(entry, Moment):
            return ""
        # However much a person wrote into a line, the captions after it come when they were said.
        shortest_ms = 1 if entry.edited else _SHORTEST_MS
        return "".join(self._cue(cue, shortest_ms) for cue in cues_of(replace(entry, text=plain(entry.text))))

    def _cue(self, cue: Cue, shortest_ms: int) -> str:
        start = max(self._reached_ms, cue.start_sample * 1000 // SAMPLE_RATE)
        end = max(start + shortest_ms, cue.end_sample * 1000 // SAMPLE_RATE)
        self._reached_ms = end
        self._count += 1
        text = "\n".join(self._escaped(line) for line in cue.lines)
        return f"{self._count}\n{timestamp(start, self.point)} --> {timestamp(end, self.point)}\n{text}\n\n"

    def _escaped(self, line: str) -> str:
        raise NotImplementedError


class SrtWriter(SubtitleWriter):
    """SubRip. It knows no escapes: what players take for markup becomes full-width."""

    point = ","

    def _escaped(self, line: str) -> str:
        return line.translate(str.maketrans("<>{}\\", "＜＞｛｝＼"))


class VttWriter(SubtitleWriter):
    """WebVTT."""

    point = "."

    def head(self, record: MeetingRecord, summary: str) -> str:
        """The signature."""
        super().head(record, summary)
        return "WEBVTT\n\n"

    def _escaped(self, line: str) -> str:
        return line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def with_room(
    entries: Iterable[tuple[Line | Moment, str | None]], end_sample: int | None
) -> Iterator[tuple[Line, str | None]]:
    """The lines; one that a person wrote lasts as long as it takes to read, but no longer than until the next begins.

    ``end_sample``: of the meeting; None while it runs.
    """
    waiting: tuple[Line, str | None] | None = None
    for line, link in entries:
        if isinstance(line, Line):
            if waiting is not None:
                yield _lasting(waiting[0], line.start_sample), waiting[1]
            waiting = line, link
    if waiting is not None:
        yield _lasting(waiting[0], end_sample or 0), waiting[1]


def _lasting(line: Line, until: int) -> Line:
    if not line.edited:
        return line
    end = min(until, line.start_sample + reading_samples(plain(line.text)))
    return replace(line, end_sample=max(line.end_sample, end))


def timestamp(milliseconds: int, point: str) -> str:
    """``01:02:03,004``; hours may have more digits. ``point`` stands before the milliseconds."""
    return f"{length_of(milliseconds // 1000, hour_digits=2)}{point}{milliseconds % 1000:03}"
