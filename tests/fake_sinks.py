"""Sinks that keep what they are given, fail or hang."""

from __future__ import annotations

import asyncio
from typing import TypeVar

from streamer.errors import SinkError
from streamer.types import (
    MeetingEvent,
    SegmentFinalized,
    SegmentUpdated,
)

T = TypeVar("T")


class RecordingSink:
    """Keeps what it is given, with the loop's time."""

    def __init__(self) -> None:
        self.events: list[MeetingEvent] = []
        self.times: list[float] = []

    async def handle(self, event: MeetingEvent) -> None:
        self.events.append(event)
        self.times.append(asyncio.get_running_loop().time())

    def finals(self) -> list[str]:
        return [event.segment.text for event in self.events if isinstance(event, SegmentFinalized)]

    def partials(self) -> list[str]:
        return [event.segment.text for event in self.events if isinstance(event, SegmentUpdated)]

    def of(self, kind: type[T]) -> list[T]:
        return [event for event in self.events if isinstance(event, kind)]


class FailingSink(RecordingSink):
    """Fails as often as it is told, then works."""

    def __init__(self, failures: int, error: Exception | None = None) -> None:
        super().__init__()
        self._failures = failures
        self._error = error or SinkError("scripted failure")

    async def handle(self, event: MeetingEvent) -> None:
        if self._failures:
            self._failures -= 1
            raise self._error
        await super().handle(event)


class RefusingSink:
    """Takes nothing that was said."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    async def handle(self, event: MeetingEvent) -> None:
        if isinstance(event, SegmentUpdated | SegmentFinalized):
            raise self._error


class HangingSink:
    """Never finishes its first event."""

    async def handle(self, event: MeetingEvent) -> None:
        await asyncio.get_running_loop().create_future()
