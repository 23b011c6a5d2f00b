"""Whether this program has the terminal: a shell takes it back when the program is stopped (Ctrl-Z)."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Callable

from streamer.sinks.keyboard import Keyboard
from streamer.sinks.terminal import TerminalScreen


class Presence:
    """Gives the terminal back as it was before the program is stopped, and takes it again when it goes on."""

    def __init__(self, terminal: TerminalScreen, keyboard: Keyboard) -> None:
        self._terminal = terminal
        self._keyboard = keyboard
        self._has_come_back = False
        """Whether a SIGCONT still to be handled is that of a stop that is over."""

    def handlers(self) -> dict[signal.Signals, Callable[[], None]]:
        """What has to be called in the event loop when these signals come."""
        return {
            signal.SIGTSTP: self._step_aside,
            signal.SIGCONT: self._come_back,
            signal.SIGWINCH: self._terminal.resize,
        }

    def _step_aside(self) -> None:
        """Leave the finished lines and a usable terminal to the shell, be stopped, and go on below what it wrote."""
        loop = asyncio.get_running_loop()
        self._terminal.step_aside()
        self._keyboard.release()
        loop.remove_signal_handler(signal.SIGTSTP)
        # By its own action, not SIGSTOP: where no shell could ever continue us, the kernel passes over it.
        signal.pthread_kill(threading.get_ident(), signal.SIGTSTP)
        loop.add_signal_handler(signal.SIGTSTP, self._step_aside)
        self._has_come_back = True
        self._keyboard.hold()
        self._terminal.resize()

    def _come_back(self) -> None:
        """Continued after a stop that nobody announced: whatever is on the screen is not ours."""
        if self._has_come_back:
            self._has_come_back = False
            return
        self._keyboard.hold()
        self._terminal.redraw()
