"""The descriptors that every program expects to be open: standard input, output and error."""

from __future__ import annotations

import os
import sys


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
