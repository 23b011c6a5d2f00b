"""Keys and signals of this process, for as long as its meetings run."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack

from streamer.pipeline import Meeting
from streamer.presence import Presence
from streamer.sinks.keyboard import Keyboard
from streamer.sinks.terminal import TerminalScreen

_ABORT_SECONDS = 3.0
_REDRAW = "\x0c"
"""Ctrl-L."""


class Everyone:
    """The meetings of all rooms under one hand: each key and signal means all of them."""

    def __init__(self, meetings: Sequence[Meeting]) -> None:
        self._meetings = tuple(meetings)
        self._is_stopped = False

    @property
    def is_ending(self) -> bool:
        """Whether they were asked to end, or have: who asks for it now does not want to wait for what is left."""
        return self._is_stopped or self.has_ended

    @property
    def has_ended(self) -> bool:
        """Whether the ends of all are stored: at most what they still send is waited for."""
        return all(meeting.load().has_ended for meeting in self._meetings)

    def wait_no_longer(self) -> None:
        """Leave what they still send for later."""
        for meeting in self._meetings:
            meeting.wait_no_longer()

    def toggle_pause(self) -> None:
        """Resume all where one is paused, by whomever, for then the screen offers that; else pause all."""
        has_paused = any(meeting.is_paused for meeting in self._meetings)
        for meeting in self._meetings:
            if has_paused:
                meeting.resume()
            else:
                meeting.pause()

    def mark(self) -> None:
        """Mark this moment in all of them."""
        for meeting in self._meetings:
            meeting.mark()

    def stop(self) -> None:
        """End them: what was said is finalised and everything drained."""
        self._is_stopped = True
        for meeting in self._meetings:
            meeting.stop()


@contextlib.contextmanager
def controls(everyone: Everyone, terminal: TerminalScreen | None) -> Iterator[None]:
    """Let keys (where there is a terminal) and signals act on the meetings."""
    keys = {" ": everyone.toggle_pause, "m": everyone.mark, "q": everyone.stop}
    with ExitStack() as held:

        def leave_by_force() -> None:
            held.close()
            os._exit(128 + signal.SIGINT)

        held.enter_context(acting(keys, _ending(everyone, leave_by_force), terminal))
        yield


@contextlib.contextmanager
def acting(
    keys: Mapping[str, Callable[[], None]],
    signals: Mapping[signal.Signals, Callable[[], None]],
    terminal: TerminalScreen | None,
) -> Iterator[None]:
    """Let keys and signals act; where there is a terminal Ctrl-L, Ctrl-Z and a resize act on what is drawn there."""
    with ExitStack() as held:
        handlers = dict(signals)
        if terminal is not None:
            keyboard = held.enter_context(Keyboard({**keys, _REDRAW: terminal.redraw}))
            handlers |= Presence(terminal, keyboard).handlers()
        held.enter_context(_signals(handlers))
        yield


def _ending(everyone: Everyone, leave_by_force: Callable[[], None]) -> dict[signal.Signals, Callable[[], None]]:
    """Signals that end meetings."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def abort() -> None:
        if task is not None:
            task.cancel()
        # A disk or a device that hangs must not keep somebody who asked twice.
        loop.call_later(_ABORT_SECONDS, leave_by_force)

    leaving: list[asyncio.TimerHandle] = []

    def interrupt() -> None:
        if not everyone.is_ending:
            everyone.stop()
        elif everyone.has_ended and not leaving:
            # Nothing is lost: what there is to say at the end is said, unless that hangs, too.
            everyone.wait_no_longer()
            leaving.append(loop.call_later(_ABORT_SECONDS, abort))
        else:
            abort()

    stop = everyone.stop
    return {signal.SIGINT: interrupt, signal.SIGTERM: stop, signal.SIGHUP: stop, signal.SIGQUIT: abort}


@contextlib.contextmanager
def _signals(handlers: Mapping[signal.Signals, Callable[[], None]]) -> Iterator[None]:
    """What is called when a signal comes, meanwhile."""
    loop = asyncio.get_running_loop()
    # What the parent had ignored stays ignored: nohup, and jobs in the background of a script.
    taken = [number for number in handlers if signal.getsignal(number) is not signal.SIG_IGN]
    for number in taken:
        loop.add_signal_handler(number, handlers[number])
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)
