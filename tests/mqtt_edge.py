"""An edge in front of a broker: it closes the connection over messages of a kind, or swallows them, unsaid."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable

Objection = Callable[[str, bytes], bool]
"""Whether the edge closes the connection over what is published on a topic (its payload, with what comes before).

A subscription is asked about as if it were a message on ``$SUBSCRIBE``.
"""

_PUBLISH, _SUBSCRIBE = 3, 8


class Edge:
    """Passes packets on to a broker until it objects to one: that neither arrives nor is answered."""

    def __init__(self, broker_port: int, objection: Objection, *, swallows: bool) -> None:
        self.port = 0
        self.objected_to: list[str] = []
        """Topics, one for each connection that was closed, or each message that was swallowed."""
        self._broker_port = broker_port
        self._objection = objection
        self._swallows = swallows
        self._serving: set[asyncio.Task[None]] = set()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection."""
        task = asyncio.current_task()
        assert task is not None
        self._serving.add(task)
        try:
            await self._serve(reader, writer)
        except asyncio.CancelledError:
            pass  # by leave() only; asyncio's streams would take it for a failure of the server
        finally:
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()
            self._serving.discard(task)

    async def leave(self) -> None:
        """Serve nobody any more: a connection that is left open would be found so in the midst of another test."""
        serving = list(self._serving)
        for task in serving:
            task.cancel()
        await asyncio.gather(*serving, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        broker_reader, broker_writer = await asyncio.open_connection("127.0.0.1", self._broker_port)
        task = asyncio.ensure_future(_copy(broker_reader, writer))
        try:
            while packet := await _packet(reader):
                if topic := self._objected_topic(*packet):
                    self.objected_to.append(topic)
                    if self._swallows:
                        continue
                    break
                broker_writer.write(b"".join(packet))
                await broker_writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            broker_writer.close()
            # What the broker has confirmed by now comes before the end, as where broker and edge are one.
            await task

    def _objected_topic(self, head: bytes, body: bytes) -> str:
        if head[0] >> 4 == _SUBSCRIBE:
            return "$SUBSCRIBE" if self._objection("$SUBSCRIBE", body) else ""
        if head[0] >> 4 != _PUBLISH:
            return ""
        end = 2 + int.from_bytes(body[:2], "big")
        topic = body[2:end].decode()
        return topic if self._objection(topic, body[end:]) else ""


async def _packet(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Type with length, and body."""
    head, length, shift = await reader.readexactly(1), 0, 0
    while True:
        head += (byte := await reader.readexactly(1))
        length |= (byte[0] & 0x7F) << shift
        shift += 7
        if byte[0] < 0x80:
            return head, await reader.readexactly(length)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(ConnectionError):
        while received := await reader.read(65536):
            writer.write(received)
            await writer.drain()


@contextlib.asynccontextmanager
async def edge(broker_port: int, objection: Objection, *, swallows: bool = False) -> AsyncIterator[Edge]:
    """One on a free port. ``swallows``: it goes on without an answer instead of closing the connection."""
    front = Edge(broker_port, objection, swallows=swallows)
    server = await asyncio.start_server(front.accept, "127.0.0.1", 0)
    front.port = server.sockets[0].getsockname()[1]
    try:
        yield front
    finally:
        server.close()
        await front.leave()
