"""A room whose captions are wanted elsewhere."""

from __future__ import annotations

from streamer.interfaces import Sink
from streamer.types import MeetingEvent, SegmentFinalized, SegmentRevised, SegmentUpdated


class WithoutText:
    """A :class:`~streamer.interfaces.Sink` that passes on how a meeting goes, but not what is said in it."""

    def __init__(self, sink: Sink) -> None:
        """``sink``: gets the rest."""
        self._sink = sink

    async def handle(self, event: MeetingEvent) -> None:
        """Pass an event on, unless it is text."""
        if not isinstance(event, SegmentUpdated | SegmentFinalized | SegmentRevised):
            await self._sink.handle(event)
