"""Provisional text on its way to the broker: the newest of a room, and none that waited for a connection."""

from __future__ import annotations

import asyncio
from collections import deque

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.encoding import partial_payload
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.payloads import encode
from streamer.types import SegmentUpdated


class Partials:
    """Partials of one room, published with QoS 0 over one connection after another."""

    def __init__(self, topics: Topics, settings: MqttSettings, best_effort: BestEffort) -> None:
        self._topics = topics
        self._best_effort = best_effort
        self._is_wanted = settings.partials
        self._largest = settings.max_message_bytes
        # The newest only: an older one is worthless once a newer one exists.
        self._newest: deque[tuple[str, SegmentUpdated]] = deque(maxlen=1)
        self._has_come = asyncio.Event()
        self.is_up = False
        """Whether there is a connection; what comes without one is not kept."""

    def put(self, meeting: str, event: SegmentUpdated) -> None:
        """Take provisional text."""
        if self._is_wanted and self.is_up:
            self._newest.append((meeting, event))
            self._has_come.set()

    def clear(self) -> None:
        """What was provisional is final now: an older partial must not come after it."""
        self._newest.clear()

    async def send(self, link: Link) -> None:
        """Send the newest whenever one has come, until cancelled.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        while True:
            await self._has_come.wait()
            self._has_come.clear()
            while self._newest:
                payload = encode(partial_payload(self._topics.room, *self._newest.popleft()))
                if len(payload) <= self._largest:
                    await self._best_effort.pass_on(link, self._topics.partial, payload)
