"""Marks and gaps on their way to the broker. They wait in memory while it is away: the store has them too."""

from __future__ import annotations

import asyncio
from collections import deque

from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.encoding import gap_payload, mark_payload
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.payloads import GapPayload, MarkPayload, encode
from streamer.types import Gap, MarkAdded

_WAITING = 1000


class Moments:
    """Moments of one room, published in order over one connection after another."""

    def __init__(self, topics: Topics, best_effort: BestEffort) -> None:
        self._topics = topics
        self._best_effort = best_effort
        # Policy: the oldest goes first; nobody marks a thousand moments while a broker is away.
        self._waiting: deque[tuple[str, bytes]] = deque(maxlen=_WAITING)
        self._has_come = asyncio.Event()

    def mark(self, meeting: str, mark: MarkAdded) -> None:
        """Take a moment that somebody marked."""
        self._put(self._topics.mark, mark_payload(self._topics.room, meeting, mark))

    def gap(self, meeting: str, gap: Gap) -> None:
        """Take sound that is missing."""
        self._put(self._topics.gap, gap_payload(self._topics.room, meeting, gap))

    async def send(self, link: Link) -> None:
        """Send what waits, and what comes, until cancelled.

        Raises:
            aiomqtt.MqttError: the connection is gone; what is not confirmed waits on.
        """
        while True:
            await self.send_waiting(link)
            await self._has_come.wait()

    async def send_waiting(self, link: Link) -> None:
        """Send what waits.

        Raises:
            aiomqtt.MqttError: the connection is gone; what is not confirmed waits on.
        """
        self._has_come.clear()
        while self._waiting:
            moment = self._waiting[0]
            await self._best_effort.publish(link, *moment)
            # Only now: a connection that broke meanwhile leaves it to the next one.
            if self._waiting and self._waiting[0] is moment:
                self._waiting.popleft()

    def _put(self, topic: str, payload: MarkPayload | GapPayload) -> None:
        self._waiting.append((topic, encode(payload)))
        self._has_come.set()
