"""The keys of the controlling terminal, which need not be standard input."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import termios
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Self

from streamer.sinks.keys import KeyReader

_TERMINAL = "/dev/tty"
_BACKGROUND_SECONDS = 0.5
"""How often somebody in the background looks whether the terminal listens to us again; no signal tells."""


class Keyboard:
    """Calls what belongs to a key when it is pressed; a context manager inside a running event loop.

    The terminal gives keys at once and does not show them, and is as before on leaving. Without a controlling
    terminal there are no keys; in the background of one they are the shell's, until the program is in the foreground.
    """

    def __init__(self, actions: Mapping[str, Callable[[], None]]) -> None:
        """``actions``: by key."""
        self._actions = actions
        self._reader = KeyReader()
        self._descriptor: int | None = None
        self._before: list[Any] | None = None
        self._stopping: Any = None
        self._waiting: asyncio.TimerHandle | None = None

    def __enter__(self) -> Self:
        try:
            # Not blocking: what is there to be read may be a shell's, which takes it first.
            flags = os.O_RDWR | os.O_NOCTTY | os.O_CLOEXEC | os.O_NONBLOCK
            self._descriptor = os.open(_TERMINAL, flags)
        except OSError:
            return self
        try:
            self._before = termios.tcgetattr(self._descriptor)
        except termios.error:
            return self
        # In the background, reading would stop us otherwise, and the meeting with us.
        self._stopping = signal.signal(signal.SIGTTIN, signal.SIG_IGN)
        self._listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._descriptor is None:
            return
        if self._waiting is not None:
            self._waiting.cancel()
        asyncio.get_running_loop().remove_reader(self._descriptor)
        self.release()
        if self._before is not None:
            signal.signal(signal.SIGTTIN, self._stopping or signal.SIG_DFL)
        os.close(self._descriptor)
        self._descriptor = None

    def hold(self) -> None:
        """Take the keys; again after the program was stopped and continued, for a shell has set its own mode."""
        if self._descriptor is None or not self._is_foreground():
            return
        with contextlib.suppress(termios.error):
            mode = termios.tcgetattr(self._descriptor)
            mode[3] &= ~(termios.ICANON | termios.ECHO)  # local flags; signals and Ctrl-S stay
            mode[6][termios.VMIN], mode[6][termios.VTIME] = 1, 0
            termios.tcsetattr(self._descriptor, termios.TCSANOW, mode)

    def release(self) -> None:
        """Give the keys back, until :meth:`hold`: the terminal is as it was before."""
        if self._descriptor is None or self._before is None or not self._is_foreground():
            return
        with contextlib.suppress(termios.error):
            # Now, not after pending output: a stopped terminal would never let go.
            termios.tcsetattr(self._descriptor, termios.TCSANOW, self._before)

    def _is_there(self) -> bool:
        """Whether the terminal has not been closed."""
        try:
            return self._descriptor is not None and os.tcgetpgrp(self._descriptor) > 0
        except OSError:
            return False

    def _is_foreground(self) -> bool:
        """Whether the terminal listens to us: a background job that touches its mode would be stopped."""
        try:
            return self._descriptor is not None and os.tcgetpgrp(self._descriptor) == os.getpgrp()
        except OSError:
            return False

    def _listen(self) -> None:
        """Take the keys, or look again later where they are somebody else's."""
        self._waiting = None
        if self._descriptor is None:
            return
        loop = asyncio.get_running_loop()
        if self._is_foreground():
            self.hold()
            loop.add_reader(self._descriptor, self._read)
        else:
            loop.remove_reader(self._descriptor)
            self._waiting = loop.call_later(_BACKGROUND_SECONDS, self._listen)

    def _read(self) -> None:
        if self._descriptor is None:
            return
        if not self._is_foreground() and self._is_there():
            self._listen()
            return
        try:
            pressed = os.read(self._descriptor, 64)
        except BlockingIOError:  # somebody else was faster
            return
        except OSError:
            pressed = b""
        if not pressed:  # the terminal was closed
            asyncio.get_running_loop().remove_reader(self._descriptor)
            return
        for key in self._reader.take(pressed, asyncio.get_running_loop().time()):
            action = self._actions.get(key)
            if action is not None:
                action()
