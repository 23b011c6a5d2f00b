"""The lane of events towards one receiver."""

from __future__ import annotations

import asyncio
from collections import OrderedDict

from streamer.types import DeviceAwaited, MeetingEvent, Notice, SegmentFinalized, SegmentUpdated, StatusUpdated

_Key = tuple[str, str | int]


class Lane:
    """Events in order, for one receiver that may be slow; putting never waits.

    Of partials, of the status, of why a device is awaited, and of notices with one key only the newest is kept, at the
    place of the newest. Everything else is kept, up to ``capacity``.
    """

    def __init__(self, capacity: int) -> None:
        """``capacity``: events that may wait, at least 1."""
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, got {capacity}")
        self._capacity = capacity
        self._events: OrderedDict[_Key, MeetingEvent] = OrderedDict()
        self._changed = asyncio.Event()
        self._count = 0
        self._closed = False

    def __len__(self) -> int:
        return len(self._events)

    @property
    def closed(self) -> bool:
        """Whether :meth:`close` was called; events may still be inside."""
        return self._closed

    def put(self, event: MeetingEvent) -> bool:
        """Append an event, in place of an older one that it replaces; False where the lane is full or closed."""
        key = self._key(event)
        if self._closed or (key not in self._events and len(self._events) >= self._capacity):
            return False
        self._events.pop(key, None)
        if isinstance(event, SegmentFinalized):
            self._drop_partial_of(event.segment.id)
        self._events[key] = event
        self._changed.set()
        return True

    def close(self) -> None:
        """Accept no more events; what is inside still comes out. Safe to call twice."""
        self._closed = True
        self._changed.set()

    def __aiter__(self) -> Lane:
        return self

    async def __anext__(self) -> MeetingEvent:
        while not self._events:
            if self._closed:
                raise StopAsyncIteration
            self._changed.clear()
            await self._changed.wait()
        return self._events.popitem(last=False)[1]

    def _key(self, event: MeetingEvent) -> _Key:
        match event:
            case SegmentUpdated():
                return ("partial", 0)
            case StatusUpdated():
                return ("status", 0)
            case Notice(key=key):
                return ("notice", key)
            case DeviceAwaited():
                return ("awaited", 0)
            case _:
                self._count += 1
                return ("event", self._count)

    def _drop_partial_of(self, segment_id: int) -> None:
        waiting = self._events.get(("partial", 0))
        if isinstance(waiting, SegmentUpdated) and waiting.segment.id <= segment_id:
            del self._events[("partial", 0)]
