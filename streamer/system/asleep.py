"""How long the computer was asleep, which its monotonic clock leaves out. Light: the capture process imports it."""

from __future__ import annotations

import time


def slept_seconds() -> float:
    """How long the computer has slept since it started, to the millisecond: the clocks are read one after the other."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    return round(time.clock_gettime(time.CLOCK_BOOTTIME) - time.clock_gettime(time.CLOCK_MONOTONIC), 3)
