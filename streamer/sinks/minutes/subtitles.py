"""Minutes as subtitles: SRT and WebVTT. Times are those of the recording."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

from streamer.minutes import Line, MeetingRecord, Moment
from streamer.sinks.minutes.cues import Cue, cues_of
from streamer.sinks.minutes.plain import plain
from streamer.types import SAMPLE_RATE

_SHORTEST_MS = 200
"""A cue is shown at least so long, unless the next begins sooner."""


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
        return "".join(self._cue(cue) for cue in cues_of(replace(entry, text=plain(entry.text))))

    def _cue(self, cue: Cue) -> str:
        start = max(self._reached_ms, cue.start_sample * 1000 // SAMPLE_RATE)
        end = max(start + _SHORTEST_MS, cue.end_sample * 1000 // SAMPLE_RATE)
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


def timestamp(milliseconds: int, point: str) -> str:
    """``01:02:03,004``; hours may have more digits. ``point`` stands before the milliseconds."""
    seconds, rest = divmod(milliseconds, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}{point}{rest:03}"
