"""Time, injected wherever something waits or is dated, so that tests need not wait."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from typing import Protocol


def to_the_millisecond(at: datetime) -> datetime:
    """The time as the store keeps it: what is published of a meeting while it runs and afterwards is the same then."""
    return at.replace(microsecond=at.microsecond // 1000 * 1000)


def iso_time(at: datetime) -> str:
    """The time as files, the store and programs get it: ISO 8601, to the millisecond, with its zone."""
    return at.isoformat(timespec="milliseconds")


class Clock(Protocol):
    """What time it is. Sources and the pipeline ask it; tests give them one that they move by hand."""

    def monotonic(self) -> float:
        """Seconds since some moment; never runs backwards. May be asked from any thread."""

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""

    async def sleep(self, seconds: float) -> None:
        """Wait."""


class SystemClock:
    """The computer's clocks."""

    def monotonic(self) -> float:
        """Seconds since the computer started."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)
