"""A pseudo-terminal for tests: one end for the program, one for the test."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from types import TracebackType
from typing import Self


class PseudoTerminal:
    """A context manager; ``program`` is the descriptor that the program gets."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self._size = (columns, rows)
        self._closed = False

    def __enter__(self) -> Self:
        self.test, self.program = pty.openpty()
        self.resize(*self._size)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the terminal's window; safe to call twice."""
        for descriptor in (self.test, self.program) if not self._closed else ():
            os.close(descriptor)
        self._closed = True

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.test, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds: float = 0.2) -> str:
        """What was written, until nothing comes for so long."""
        taken = b""
        while select.select([self.test], [], [], seconds)[0]:
            try:
                piece = os.read(self.test, 65536)
            except OSError:
                break
            if not piece:
                break
            taken += piece
        return taken.decode("utf-8", "replace")

    def fill(self) -> None:
        """Leave no room for another byte, as on a terminal that nobody reads."""
        os.set_blocking(self.program, False)
        # The kernel moves what is written to the other end in its own time, which makes room again.
        for _ in range(20):
            try:
                while True:
                    os.write(self.program, b"." * 4096)
            except BlockingIOError:
                time.sleep(0.01)
        os.set_blocking(self.program, True)
