"""A bounded channel between two tasks that can be closed."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Generic, TypeVar

T = TypeVar("T")


class ChannelClosed(Exception):  # noqa: N818 - the end of a stream, not an error
    """The channel was closed and, for a receiver, everything in it has been taken."""


class Channel(Generic[T]):
    """First in, first out, at most ``capacity`` values; a sender waits while it is full.

    ``offer`` is for values of which only the newest matter: it never waits, and drops the oldest when full.
    After ``close`` no more values are accepted; what is inside still comes out, then iteration ends.
    """

    def __init__(self, capacity: int) -> None:
        if capacity < 1:
            raise ValueError(f"capacity must be at least 1, got {capacity}")
        self._capacity = capacity
        self._values: deque[T] = deque()
        self._changed = asyncio.Condition()
        self._closed = False
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._values)

    @property
    def capacity(self) -> int:
        """How many values fit."""
        return self._capacity

    @property
    def dropped(self) -> int:
        """How many values ``offer`` has pushed out."""
        return self._dropped

    @property
    def closed(self) -> bool:
        """Whether ``close`` was called; values may still be inside."""
        return self._closed

    async def send(self, value: T) -> None:
        """Append a value, waiting for room.

        Raises:
            ChannelClosed: the channel is closed, or was closed while waiting.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or len(self._values) < self._capacity)
            self._append(value)

    async def offer(self, value: T) -> None:
        """Append a value without waiting for room: the oldest is dropped when the channel is full.

        Raises:
            ChannelClosed: the channel is closed.
        """
        async with self._changed:
            if len(self._values) >= self._capacity and not self._closed:
                self._values.popleft()
                self._dropped += 1
            self._append(value)

    async def receive(self) -> T:
        """Take the oldest value, waiting for one.

        Raises:
            ChannelClosed: the channel is closed and empty.
        """
        async with self._changed:
            await self._changed.wait_for(lambda: self._closed or bool(self._values))
            if not self._values:
                raise ChannelClosed
            value = self._values.popleft()
            self._changed.notify_all()
            return value

    async def close(self) -> None:
        """Accept no more values. Safe to call twice."""
        async with self._changed:
            self._closed = True
            self._changed.notify_all()

    def __aiter__(self) -> Channel[T]:
        return self

    async def __anext__(self) -> T:
        try:
            return await self.receive()
        except ChannelClosed:
            raise StopAsyncIteration from None

    def _append(self, value: T) -> None:
        if self._closed:
            raise ChannelClosed
        self._values.append(value)
        self._changed.notify_all()
