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

_GOES_ON = -1
"""Where a row of the emulator keeps, as a cell out of sight, that its text goes on in the next one."""


class _Screen(pyte.HistoryScreen):
    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        """What is written on an erased row does not belong to the row above."""
        super().erase_in_line(how, private)
        if how == 2 or self.cursor.x == 0:
            for row in (self.cursor.y - 1, self.cursor.y):
                self.buffer[max(0, row)].pop(_GOES_ON, None)


class Emulator:
    """What a person sees, rows from the top; ``history`` is what has scrolled away."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.screen = _Screen(columns, rows, history=1000)
        self._stream = pyte.Stream(self.screen)

    @property
    def size(self) -> Size:
        return Size(self.screen.columns, self.screen.lines)

    def feed(self, text: str) -> None:
        self._stream.feed(text)

    def resize(self, columns: int, rows: int, *, breaks_rows: bool = True) -> None:
        """As tmux does it: rows too wide are broken, and joined again; what is above comes from the history.

        Without ``breaks_rows`` they are cut off, as xterm does it.
        """
        screen = self.screen
        drop = min(max(0, screen.lines - rows), screen.lines - 1 - screen.cursor.y)
        above = list(screen.history.top)
        lines = above + [screen.buffer[at] for at in range(screen.lines - drop)]
        cursor_row, cursor_column = len(above) + screen.cursor.y, screen.cursor.x
        broken, cursor = [], (0, 0)
        cells: list[pyte.screens.Char] = []
        for at, line in enumerate(lines):
            if at == cursor_row:
                cursor = (len(broken), len(cells) + cursor_column)
            cells += [line[column] for column in range(max([*(key for key in line if key >= 0), -1]) + 1)]
            while len(cells) and cells[-1] == _BLANK:
                cells.pop()
            if _GOES_ON not in line:
                broken += _broken(cells if breaks_rows else cells[:columns], columns)
                cells = []
        while len(broken) < rows:
            broken.append(screen.buffer.default_factory())
        top = len(broken) - rows
        screen.history.top.clear()
        screen.history.top.extend(broken[:top])
        screen.resize(rows, columns)
        screen.buffer.clear()
        screen.buffer.update(enumerate(broken[top:]))
        row, column = cursor
        while column > columns:
            row, column = row + 1, column - columns
        screen.cursor.y, screen.cursor.x = max(0, row - top), column

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
        self.view = CaptionView(messages, timezone=UTC, keys=keys, doubt_below=0.5)
        self.painter = Painter(self.view.rows)
        self.emulator = Emulator(columns, rows)
        self.written = ""

    def follow(self, *events: MeetingEvent) -> Shown:
        for event in events:
            self.view.follow(event)
            self._write(self.painter.paint(self.view.picture(self.emulator.size)))
        return self

    def resize(self, columns: int, rows: int) -> Shown:
        self.emulator.resize(columns, rows)
        self._write(self.painter.paint(self.view.picture(self.emulator.size)))
        return self

    def everything(self) -> list[str]:
        """What has scrolled away, and what is in sight."""
        return self.emulator.history() + self.rows()

    def leave(self) -> Shown:
        self._write(self.painter.leave())
        return self

    def rows(self) -> list[str]:
        return self.emulator.rows()

    def _write(self, text: str) -> None:
        self.written = text
        self.emulator.feed(text)


def _broken(cells: list[pyte.screens.Char], columns: int) -> list[dict[int, pyte.screens.Char]]:
    """Cells as rows of so many columns; an empty cell is the second half of the wide one before it."""
    rows: list[dict[int, pyte.screens.Char]] = [pyte.screens.StaticDefaultDict(_BLANK)]
    used = 0
    for at, cell in enumerate(cells):
        is_wide = at + 1 < len(cells) and cells[at + 1].data == ""
        if used + (2 if is_wide else 1) > columns:
            rows[-1][_GOES_ON] = _BLANK
            rows.append(pyte.screens.StaticDefaultDict(_BLANK))
            used = 0
        rows[-1][used] = cell
        used += 1
    return rows


_BLANK = pyte.screens.Char(" ", "default", "default")


def columns_of(row: str) -> int:
    """Columns that a row takes, by the Unicode database rather than by the program's own measure."""
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in row)
