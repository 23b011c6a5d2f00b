"""The descriptors that every program expects to be open: standard input, output and error."""

from __future__ import annotations

import io
import os
import select
import sys
from typing import Any


def fill_standard_descriptors() -> None:
    """Open /dev/null in the place of each that is closed, as a daemon's may be.

    Else the next file that is opened gets its number, and with it what is meant for a terminal; and Python has no
    ``sys.stdout`` to ask anything of.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)  # the lowest number that is free
    # They are never closed, as those that Python opens.
    sys.stdin = sys.stdin or open(0, encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stdout = sys.stdout or open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    sys.stderr = sys.stderr or open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115


def write_errors_without_a_lock() -> None:
    """Let standard error hold nothing back, and nobody who leaves.

    Python flushes ``sys.stderr`` at its exit. While a thread is blocked in it, as on a terminal that was stopped
    (Ctrl-S), the lock of its buffer would keep the program from ever ending.
    """
    before = sys.stderr
    sys.stderr = io.TextIOWrapper(
        _Unlocked(2, "w", closefd=False), encoding=before.encoding, errors=before.errors, write_through=True
    )


class _Unlocked(io.FileIO):
    """A descriptor that takes all it is given, as with a buffer before it."""

    def write(self, data: Any) -> int:
        """Write all, however long that takes; a descriptor that must not block is waited for."""
        rest = memoryview(data)
        while rest:
            taken = super().write(rest)
            if taken is None:
                select.select([], [self], [])
            else:
                rest = rest[taken:]
        return len(data)
