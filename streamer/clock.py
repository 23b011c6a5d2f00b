"""Time, injected wherever something waits or is dated, so that tests need not wait."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

from streamer.system.asleep import slept_seconds


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
        """Seconds since the computer started, without those asleep."""
        return time.monotonic()

    def now(self) -> datetime:
        """The wall-clock time, aware, in UTC."""
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        """Wait on the event loop."""
        await asyncio.sleep(seconds)


class EarlierClock:
    """The clock of a recording that was made earlier: in its meeting it is as late as it was then."""

    def __init__(self, clock: Clock, began: datetime) -> None:
        """``began``: when the recording was begun, aware."""
        self._clock = clock
        self._began = began
        self._ago = timedelta()

    def monotonic(self) -> float:
        """As that of the clock."""
        return self._clock.monotonic()

    def now(self) -> datetime:
        """The wall-clock time of then, aware, in UTC; before :meth:`begin` that of now."""
        return self._clock.now() - self._ago

    async def sleep(self, seconds: float) -> None:
        """As that of the clock."""
        await self._clock.sleep(seconds)

    def begin(self, seconds_before: Callable[[], float]) -> float:
        """The meeting begins now, which is dated back by so many seconds; returns them."""
        seconds = seconds_before()
        self._ago = self._clock.now() - (self._began + timedelta(seconds=seconds))
        return seconds


def running_seconds(clock: Clock) -> float:
    """Seconds since some moment, those asleep too: whatever time the computer's wall clock is set to."""
    return clock.monotonic() + slept_seconds()


class SteadyClock:
    """The wall clock of one meeting: where the computer's is set back it goes on, so that times stay as far apart."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._reached = clock.now()
        self._reached_s = running_seconds(clock)
        self.behind = timedelta()
        """How far the computer's clock was behind when this was asked last."""

    def now(self, at_least: datetime) -> datetime:
        """The wall-clock time, neither before this nor before any told so far and what has passed since then."""
        running_s, told = running_seconds(self._clock), self._clock.now()
        passed = timedelta(seconds=running_s - self._reached_s)
        self._reached = max(told, at_least, self._reached + passed)
        self._reached_s, self.behind = running_s, self._reached - told
        return self._reached
