"""Minutes as Markdown."""

from __future__ import annotations

import re

from streamer.minutes import Line, MeetingRecord, Moment
from streamer.sinks.minutes.alignment import FirstDoubt
from streamer.sinks.minutes.labels import Labels
from streamer.sinks.minutes.plain import plain
from streamer.sinks.minutes.text import marked_text
from streamer.sinks.minutes.writer import Times, head_facts, moment_text, title_of

_INLINE = re.compile(r"([\\`*_\[\]<&~]|:(?=//))")
_BLOCK = re.compile(r"^(\d+(?=[.)])|(?=[#>+=-]))")


class MarkdownWriter:
    """One list item a segment: ``- [14:30:05](audio/000000000000.flac#t=5.2) 大家好。``."""

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
        facts = [f"- {label}{labels.colon}{escaped(value)}" for label, value in head_facts(record, labels)]
        parts = [f"# {escaped(title_of(record, labels))}", "", *facts, ""]
        if summary:
            lines = [escaped(plain(line)) for line in summary.splitlines()]
            parts += [f"## {labels.summary}", "", *(f"{line}  " if line else "" for line in lines), ""]
        return "\n".join([*parts, "---", "", ""])

    def entry(self, entry: Line | Moment, link: str | None) -> str:
        """A list item with its time, which leads to the sound; above it the date of a new day, as a heading.

        Above the first with doubt marks stands what they mean.
        """
        date = self._times.date_above(entry)
        above = f"\n## {date}\n\n" if date else ""
        at = self._times.clock(entry)
        time = f"[{at}]({link})" if link is not None else f"`{at}`"
        if isinstance(entry, Moment):
            return f"{above}- {time} **{escaped(moment_text(entry, self._labels))}**\n"
        edited = f" *{self._labels.edited.strip()}*" if entry.edited else ""
        legend = f"- *{self._labels.doubt}*\n" if self._first_doubt.is_in(entry) else ""
        return f"{above}{legend}- {time} {escaped(marked_text(entry, self._doubt_below))}{edited}\n"


def escaped(text: str) -> str:
    """Text that Markdown shows as it is: no markup, links or HTML."""
    return _BLOCK.sub(r"\1\\", _INLINE.sub(r"\\\1", text))
