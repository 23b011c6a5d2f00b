"""Clocks that stand still until somebody moves them."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta


class Hands:
    """The seconds of a clock moved by hand."""

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def __call__(self) -> float:
        return self.seconds


class VirtualClock:
    """Implements :class:`streamer.clock.Clock`; a sleep moves it forward at once. For one sleeper at a time."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def now(self) -> datetime:
        return datetime(2026, 11, 20, 14, 30, tzinfo=UTC) + timedelta(seconds=self.seconds)

    async def sleep(self, seconds: float) -> None:
        self.seconds += seconds
        await asyncio.sleep(0)
