"""Delivery of captions: from the outbox to the broker in order, and out of the outbox once it has them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import is_revision
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.breaks import PATIENCE, Breaks
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.link_errors import PublishRefusedError
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.outbox import Outbox, OutboxMessage
from streamer.sinks.mqtt.payloads import shortened

T = TypeVar("T")

_BATCH = 32
_SHORTEN_AFTER = 2
_SMALL = 1024
"""A message of so few bytes is hardly a reason for a broker to close a connection …"""
_SHORTEN_SMALL_AFTER = PATIENCE - 1
"""… and chance rarely meets the same one so often."""


class Delivery:
    """Sends what waits, over one connection after another. The only one that takes messages out of its outbox."""

    def __init__(
        self,
        outbox: Outbox,
        storage: Executor,
        settings: MqttSettings,
        breaks: Breaks,
        notices: LinkNotices,
        on_delivered: Callable[[bytes], None] = lambda _payload: None,
    ) -> None:
        """Take over an outbox.

        Args:
            outbox: called in ``storage`` only.
            storage: the storage thread.
            settings: quality of service and the largest message.
            breaks: where whoever holds the connections notes what they broke over.
            notices: told which finals were set aside, and what was left out that is no final.
            on_delivered: told which final the broker has.
        """
        self._outbox = outbox
        self._storage = storage
        self._settings = settings
        self._breaks = breaks
        self._notices = notices
        self._best_effort = BestEffort(breaks, notices)
        self._on_delivered = on_delivered
        self.parked = 0
        """Finals that the broker does not take, set aside so far."""
        self.left_out = 0
        """Finals in hindsight that it does not take."""
        self._has_taken = False
        """Whether it took a final: over one that it does not allow here it may close each connection, too."""

    async def send_some(self, link: Link) -> int:
        """Send the oldest messages that wait; how many were dealt with, 0 where none waits.

        Raises:
            aiomqtt.MqttError: the connection is gone, or the broker refuses a final for now; the message waits on.
            StoreError: the outbox cannot be read or written.
        """
        messages = await self._stored(lambda: self._outbox.waiting(_BATCH))
        for message in messages:
            await (self._send_revision if is_revision(message.topic) else self._send_final)(link, message)
        return len(messages)

    async def count(self) -> int:
        """How many wait.

        Raises:
            StoreError: the outbox cannot be read.
        """
        return await self._stored(self._outbox.count)

    async def _send_revision(self, link: Link, message: OutboxMessage) -> None:
        """Send a final in hindsight; where the broker does not take it, it is left out: the finals after it go on."""
        is_taken = await self._best_effort.publish(link, message.topic, message.payload, qos=self._settings.final_qos)
        await self._stored(lambda: self._outbox.confirm(message.id))
        self.left_out += not is_taken

    async def _send_final(self, link: Link, message: OutboxMessage) -> None:
        """Send a final; shorten it, then park it, where the broker will not take it."""
        size, payload = len(message.payload), message.payload
        breaks = self._breaks.count(message.topic, payload)
        is_suspect = breaks >= (_SHORTEN_AFTER if size > _SMALL else _SHORTEN_SMALL_AFTER)
        limit = self._breaks.limit
        if size > self._settings.max_message_bytes or is_suspect or (limit and size >= limit):
            payload = shortened(payload)
            breaks += self._breaks.count(message.topic, payload)
        if breaks >= PATIENCE and (len(payload) > _SMALL or self._has_taken):
            await self._park(message, f"it closed the connection {breaks} times instead; raise its limit on sizes")
            return
        try:
            await self._deliver(link, message.topic, payload)
        except PublishRefusedError as error:
            await self._park(message, error.reason)
            return
        self._has_taken = True
        self._breaks.note_taken(message.topic)
        if is_suspect and self._breaks.note_shortened(size) and self._breaks.limit:
            self._notices.without_tokens(self._breaks.limit)
        self._on_delivered(payload)
        await self._stored(lambda: self._outbox.confirm(message.id))

    async def _deliver(self, link: Link, topic: str, payload: bytes) -> None:
        """Send a final; without its tokens where it is too large with them."""
        try:
            await link.deliver(topic, payload, qos=self._settings.final_qos)
        except PublishRefusedError as error:
            if not error.too_large:
                raise
            await link.deliver(topic, shortened(payload), qos=self._settings.final_qos)

    async def _park(self, message: OutboxMessage, reason: str) -> None:
        await self._stored(lambda: self._outbox.park(message.id, reason))
        self.parked += 1
        self._notices.parked(reason)

    async def _stored(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._storage, call)
