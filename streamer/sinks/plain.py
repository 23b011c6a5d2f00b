"""Captions as plain lines, for a pipe, a log, or a terminal that should stay simple."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, tzinfo

from streamer.lengths import duration
from streamer.sinks.days import Days, day_line
from streamer.sinks.headings import Headings
from streamer.sinks.messages import Messages
from streamer.sinks.passages import WaitingMoments
from streamer.sinks.printable import printable
from streamer.sinks.sound_reasons import awaited_notice
from streamer.types import (
    DeviceAwaited,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    Notice,
    SegmentFinalized,
    Severity,
    TitleChanged,
)

Write = Callable[[str], Awaitable[None]]
"""Writes text in the terminal's thread; returns when it is written."""


class PlainSink:
    """A :class:`~streamer.interfaces.Sink` that writes one line for every final, mark, gap, pause and notice.

    Marks, gaps and pauses come below the text that was said before them.
    """

    def __init__(self, write: Write, messages: Messages, *, timezone: tzinfo | None = None, room: str = "") -> None:
        """Prepare.

        Args:
            write: takes the lines.
            messages: the language of labels.
            timezone: of the times written; None: the computer's.
            room: named before each line, where several rooms write; empty: none.
        """
        self._room = f"[{printable(room)}] " if room else ""
        self._write = write
        self._messages = messages
        self._timezone = timezone
        self._moments = WaitingMoments(messages)
        self._headings = Headings(messages, has_pack=True, timezone=timezone)
        self._days = Days(lambda at: at.astimezone(timezone))
        self._waiting: list[str] = []
        """Lines that belong to what was refused: nothing else gives them once more."""
        self._warned: set[str] = set()
        """Keys of the warnings that hold; bounded by the number of keys."""

    async def handle(self, event: MeetingEvent) -> None:
        """Write what a reader needs; partials, status and notices that neither warn nor end a warning are left out."""
        passages = [*self._moments.follow(event), *self._headings.follow(event)]
        for passage in passages:
            line = self._timed(passage.at, passage.text)
            self._waiting.append(line)
        last = self._line(event)  # before which a day may begin
        if text := "".join(f"{line}\n" for line in (*self._waiting, last) if line):
            await self._write(text)
            self._waiting.clear()

    def _line(self, event: MeetingEvent) -> str:
        line = ""
        match event:
            case SegmentFinalized(segment=segment) if segment.text:
                line = self._timed(segment.started_at, printable(segment.text))
            case TitleChanged(title=title):
                line = self._room + self._messages.title_line.format(title=printable(title))
            case Notice():
                line = self._notice(event)
            case DeviceAwaited():
                line = self._notice(awaited_notice(event, self._messages, self._timezone))
            case MeetingCalledOff(called_off_at=at):
                line = self._timed(at, self._messages.called_off)
            case MeetingEnded(at_sample=position, ended_at=at):
                line = self._timed(at, self._messages.ended_line.format(duration=duration(position)))
            case _:
                pass
        return line

    def _notice(self, notice: Notice) -> str:
        is_warning = bool(notice.text) and notice.severity is not Severity.INFO
        is_news = is_warning or (bool(notice.text) and notice.key in self._warned)
        (self._warned.add if is_warning else self._warned.discard)(notice.key)
        return f"! {self._room}{printable(notice.text)}" if is_news else ""

    def _timed(self, at: datetime, text: str) -> str:
        """A line with its time; where a day begins with it, that waits to be written above."""
        if date := self._days.date_above(at):
            self._waiting.append(f"{self._room}{day_line(date)}")
        return f"{at.astimezone(self._timezone):%H:%M:%S}  {self._room}{text}"
