"""A pipe of live sound, read on the event loop without waking up for every write."""

from __future__ import annotations

import asyncio
import contextlib
import os

_READ_BYTES = 65_536
_BACKLOG_SECONDS = 0.5
"""So much at once has piled up, or its writer is faster than the sound: there is nothing to rest for."""
_UNKNOWN = float("-inf")
"""When sound came that nobody waited for: there is no rest after it."""
_LEAST_REST = 0.005
"""Seconds; a shorter rest is not worth its timer."""
_NUDGE = 0.00025
"""Seconds by which the next rest is shorter where the sound was there already: nobody knows since when, and a wake-up
that came late once must not delay all that follow."""


class PipeReader:
    """Reads what has come, once it is enough.

    A wake-up takes a fifth of a millisecond before it has read anything: the processor's caches are cold. So what is
    not worth waking up for is waited for by the clock; the pipe keeps it meanwhile.
    """

    def __init__(self, descriptor: int) -> None:
        """``descriptor``: the pipe's reading end, non-blocking; whoever opened it closes it."""
        self._descriptor = descriptor
        self._received = bytearray()
        """What was read and not given yet: little, unless a wait was cancelled."""
        self._arrived = _UNKNOWN
        """When the newest of it came, by the event loop's clock; in doubt too early."""
        self._waiting: asyncio.Future[None] | None = None
        self._failure: OSError | None = None
        """Why no more can be read."""
        self._closed = False

    async def read(self, least: int = 1, seconds: float = 0.0) -> bytes:
        """What has come; empty at the end. May be cancelled without losing anything.

        Args:
            least: bytes that are enough; fewer come only at the end and after :meth:`close`.
            seconds: how long so many take to come, where that is known; 0 where it is not.

        Raises:
            OSError: what stands there has broken off; what it gave before was given.
        """
        loop = asyncio.get_running_loop()
        while len(self._received) < least and not self._closed and self._failure is None:
            rest = self._arrived + (least - len(self._received)) * seconds / least - loop.time()
            if seconds and rest >= _LEAST_REST:
                await self._rest(rest)
            try:
                was_there, received = await self._take()
            except OSError as error:
                self._failure = error  # the system tells it once
                break
            self._received += received
            lasted, now = len(received) * seconds / least, loop.time()
            if lasted >= _BACKLOG_SECONDS:
                self._arrived = _UNKNOWN
            else:
                self._arrived = min(now, self._arrived + lasted) - _NUDGE if was_there else now
            if not received:
                break
        if self._failure is not None and not self._received and not self._closed:
            raise self._failure
        given = bytes(self._received)
        self._received.clear()
        return given

    def close(self) -> None:
        """End after what has come by now. Safe to call twice."""
        if not self._closed:
            self._closed = True
            with contextlib.suppress(OSError):  # nothing has come, or what gave it is broken
                self._received += os.read(self._descriptor, _READ_BYTES)
            if self._waiting is not None:
                # Here and now: the descriptor may be closed, and another one have its number, before the wait ends.
                self._waiting.get_loop().remove_reader(self._descriptor)
            self._wake()

    async def _take(self) -> tuple[bool, bytes]:
        """Whether something was there at once, and what there is; nothing at the end."""
        was_there = True
        while not self._closed:
            with contextlib.suppress(BlockingIOError):
                return was_there, os.read(self._descriptor, _READ_BYTES)
            was_there = False
            await self._readable()
        return was_there, b""

    async def _readable(self) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        loop.add_reader(self._descriptor, self._wake)
        try:
            await self._waiting
        finally:
            if not self._closed:
                loop.remove_reader(self._descriptor)

    async def _rest(self, seconds: float) -> None:
        loop = asyncio.get_running_loop()
        self._waiting = loop.create_future()
        timer = loop.call_later(seconds, self._wake)
        try:
            await self._waiting
        finally:
            timer.cancel()

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)
