"""Captions on a terminal, for a person who reads along."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Protocol, Self

from streamer.sinks.caption_view import CaptionView
from streamer.sinks.footer import Keys
from streamer.sinks.layout import Line, Size, Span
from streamer.sinks.messages import Messages
from streamer.sinks.painter import Painter, Picture
from streamer.sinks.passages import Passage
from streamer.sinks.printable import printable
from streamer.sinks.prose import folded
from streamer.sinks.rooms_view import RoomsView
from streamer.sinks.screen import Screen
from streamer.types import MeetingEvent, StatusUpdated

_SMALLEST = Size(2, 1)
_USUAL = Size(80, 24)
"""Of a terminal that does not tell its own, or zeros: a serial console, one that nobody has given a size."""
_SETTLE_SECONDS = 0.5
"""After a resize nothing is drawn for so long, for a window that is dragged has another size already than it says."""
_LONGEST_SETTLING = 10.0
"""Then captions go on, whether the window is still being dragged or not."""


class View(Protocol):
    """What is drawn: of one meeting, or of the meetings of several rooms."""

    def picture(self, size: Size) -> Picture:
        """What to show now; what was finished since the last picture is in it once."""

    def rows(self, passage: Passage, size: Size) -> Sequence[Line]:
        """A finished passage as it is written."""


class TerminalScreen:
    """Draws a view; a context manager around the meeting.

    Text is drawn when it comes, level, lag and clock a few times a second.
    """

    def __init__(
        self, descriptor: int, messages: Messages, view: View, *, frames_per_second: int, styled: bool = True
    ) -> None:
        """``descriptor``: of the terminal. ``styled``: whether colours are wanted."""
        self._descriptor = descriptor
        self._view = view
        painter = Painter(view.rows, styled=styled, breaks_rows=_breaks_rows(os.environ))
        self._screen = Screen(descriptor, painter, messages.unseen_lines)
        self._last: list[Line] = []
        self._interval = 1 / frames_per_second
        self._drawn_at = float("-inf")
        self._settling: asyncio.TimerHandle | None = None
        self._resized_at = 0.0

    def __enter__(self) -> Self:
        self._screen.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Leave the finished lines and a usable terminal behind."""
        self._settle()
        self._screen.close(self._last)

    def say(self, text: str) -> None:
        """Leave this line behind as the last one; no path and no command in it is broken, so that it can be copied."""
        rows = folded(printable(text), self._size().columns).split("\n")
        self._last += [(Span(row),) for row in rows]

    def draw(self, event: MeetingEvent) -> None:
        """Show that the view has followed an event; never waits for the terminal."""
        if self._settling is not None:
            return
        now = asyncio.get_running_loop().time()
        # Status comes in a rhythm of its own; a tenth of leeway keeps the two from beating against each other.
        if isinstance(event, StatusUpdated) and now - self._drawn_at < 0.9 * self._interval:
            return
        self._drawn_at = now
        self._screen.show(self._view.picture(self._size()))

    def resize(self) -> None:
        """Draw for the size that the terminal has, once it does not change any more."""
        loop = asyncio.get_running_loop()
        if self._settling is None:
            self._resized_at = loop.time()
        else:
            self._settling.cancel()
        until = min(loop.time() + _SETTLE_SECONDS, self._resized_at + _LONGEST_SETTLING)
        self._settling = loop.call_at(until, self._settle)

    def _settle(self) -> None:
        if self._settling is not None:
            self._settling.cancel()
            self._settling = None
        self._screen.show(self._view.picture(self._size()))

    def step_aside(self) -> None:
        """Leave the finished lines and a usable terminal to somebody else; the next drawing begins below them."""
        self._settle()
        self._screen.step_aside()

    def redraw(self) -> None:
        """Draw everything anew: something else wrote on the terminal."""
        self._settle()
        self._screen.show(replace(self._view.picture(self._size()), is_anew=True))

    def _size(self) -> Size:
        try:
            size = os.get_terminal_size(self._descriptor)
        except OSError:
            return _USUAL
        columns, rows = size.columns or _USUAL.columns, size.lines or _USUAL.rows
        return Size(max(columns, _SMALLEST.columns), max(rows, _SMALLEST.rows))


def _breaks_rows(environment: Mapping[str, str]) -> bool:
    """Whether the terminal breaks its rows when it is made narrower: most do, xterm and GNU screen cut them off."""
    return "TMUX" in environment or not {"XTERM_VERSION", "STY"} & environment.keys()


class TerminalSink(TerminalScreen):
    """A :class:`~streamer.interfaces.Sink` that draws one meeting."""

    def __init__(
        self,
        descriptor: int,
        messages: Messages,
        *,
        frames_per_second: int,
        styled: bool = True,
        keys: Keys = Keys.CONTROL,
        doubt_below: float = 0,
    ) -> None:
        """``descriptor``: of the terminal. ``styled``: whether colours are wanted. ``keys``: which ones are offered.

        ``doubt_below``: as of :class:`~streamer.sinks.doubts.Doubts`.
        """
        self._captions = CaptionView(messages, styled=styled, keys=keys, doubt_below=doubt_below)
        super().__init__(descriptor, messages, self._captions, frames_per_second=frames_per_second, styled=styled)

    async def handle(self, event: MeetingEvent) -> None:
        """Show an event; never waits for the terminal."""
        self._captions.follow(event)
        self.draw(event)


class RoomTerminalSink:
    """A :class:`~streamer.interfaces.Sink` that draws one room among others."""

    def __init__(self, screen: TerminalScreen, view: RoomsView, room: str) -> None:
        """``screen``: draws ``view``."""
        self._screen = screen
        self._view = view
        self._room = room

    async def handle(self, event: MeetingEvent) -> None:
        """Show an event; never waits for the terminal."""
        self._view.follow(self._room, event)
        self._screen.draw(event)
