"""Minutes as plain text."""

from __future__ import annotations

from streamer.minutes import Line, MeetingRecord, Moment
from streamer.sinks.days import day_line
from streamer.sinks.minutes.alignment import FirstDoubt, doubtful_spans, parted
from streamer.sinks.minutes.labels import Labels
from streamer.sinks.minutes.plain import plain
from streamer.sinks.minutes.writer import Times, head_facts, moment_text, title_of


class TextWriter:
    """One line a segment: ``[14:30:05] 大家好。``."""

    tail = ""

    def __init__(self, labels: Labels, doubt_below: float) -> None:
        self._labels = labels
        self._doubt_below = doubt_below
        self._first_doubt = FirstDoubt(doubt_below)
        self._times = Times()

    def head(self, record: MeetingRecord, summary: str) -> str:
        """Title, facts, summary."""
        self._times.begin(record)
        self._first_doubt.begin()
        labels = self._labels
        facts = [f"{label}{labels.colon}{value}" for label, value in head_facts(record, labels)]
        parts = [title_of(record, labels), *facts, ""]
        if summary:
            parts += [labels.summary, *(plain(line) for line in summary.splitlines()), ""]
        return "\n".join([*parts, ""])

    def entry(self, entry: Line | Moment, link: str | None) -> str:  # noqa: ARG002 - plain text has no links
        """A time and a text; above them the date of a new day, above the first with doubt marks what they mean."""
        date = self._times.date_above(entry)
        above = f"\n{day_line(date)}\n" if date else ""
        at = self._times.clock(entry)
        if isinstance(entry, Moment):
            return f"{above}[{at}] * {moment_text(entry, self._labels)}\n"
        legend = f"{self._labels.doubt}\n" if self._first_doubt.is_in(entry) else ""
        return f"{above}{legend}[{at}] {marked_text(entry, self._doubt_below)}\n"


def marked_text(line: Line, doubt_below: float) -> str:
    """The text with its doubtful passages in brackets: ``预算〔批了？〕``."""
    parts = parted(line.text, doubtful_spans(line, doubt_below))
    return plain("".join(f"〔{part}？〕" if is_doubtful else part for part, is_doubtful in parts))
