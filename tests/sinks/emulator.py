"""A terminal in memory."""

from __future__ import annotations

import unicodedata
from datetime import UTC

import pyte

from streamer.sinks.caption_view import CaptionView
from streamer.sinks.footer import Keys
from streamer.sinks.layout import Size
from streamer.sinks.messages import CHINESE, Messages
from streamer.sinks.painter import Painter
from streamer.types import MeetingEvent


class Emulator:
    """What a person sees, rows from the top; ``history`` is what has scrolled away."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen = pyte.HistoryScreen(columns, rows, history=1000)
        self._stream = pyte.Stream(self.screen)

    @property
    def size(self) -> Size:
        return Size(self.screen.columns, self.screen.lines)

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def rows(self) -> list[str]:
        """Rows that are not empty at the end, without trailing spaces."""
        rows = [row.rstrip() for row in self.screen.display]
        while rows and not rows[-1]:
            rows.pop()
        return rows

    def history(self) -> list[str]:
        rows = []
        for line in self.screen.history.top:
            cells = [line[at].data for at in range(self.screen.columns)]
            rows.append("".join(cells).rstrip())
        return rows


class Shown:
    """A view, a painter and an emulator: events in, screen out."""

    def __init__(
        self, messages: Messages = CHINESE, columns: int = 80, rows: int = 24, keys: Keys = Keys.CONTROL
    ) -> None:
        self.view = CaptionView(messages, timezone=UTC, keys=keys)
        self.painter = Painter()
        self.emulator = Emulator(columns, rows)
        self.written = ""

    def follow(self, *events: MeetingEvent) -> Shown:
        for event in events:
            self.view.follow(event)
            self._write(self.painter.paint(self.view.picture(self.emulator.size)))
        return self

    def resize(self, columns: int, rows: int) -> Shown:
        self.emulator.screen.resize(rows, columns)
        self._write(self.painter.paint(self.view.repainted(self.emulator.size)))
        return self

    def leave(self) -> Shown:
        self._write(self.painter.leave())
        return self

    def rows(self) -> list[str]:
        return self.emulator.rows()

    def _write(self, text: str) -> None:
        self.written = text
        self.emulator.feed(text)


def columns_of(row: str) -> int:
    """Columns that a row takes, by the Unicode database rather than by the program's own measure."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in row)
