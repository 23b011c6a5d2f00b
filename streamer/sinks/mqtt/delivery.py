"""Delivery of captions: from the outbox to the broker in order, and out of the outbox once it has them."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from typing import TypeVar

import aiomqtt

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import is_revision
from streamer.sinks.mqtt.link import Link, PublishRefusedError, RefusedForNowError
from streamer.sinks.mqtt.outbox import Outbox, OutboxMessage
from streamer.sinks.mqtt.payloads import shortened

T = TypeVar("T")

_BATCH = 32
_SHORTEN_AFTER = 2
PARK_AFTER = 5
"""Connections that break over a message before it is set aside, or left out."""
_SURELY_SMALL = 1024
"""A message of so few bytes is no reason for a broker to close a connection."""


class Delivery:
    """Sends what waits, over one connection after another. The only one that takes messages out of its outbox."""

    def __init__(
        self,
        outbox: Outbox,
        storage: Executor,
        settings: MqttSettings,
        *,
        on_parked: Callable[[str], None],
        on_refused: Callable[[str, str], None],
        on_delivered: Callable[[bytes], None] = lambda _payload: None,
    ) -> None:
        """Take over an outbox.

        Args:
            outbox: called in ``storage`` only.
            storage: the storage thread.
            settings: quality of service and the largest message.
            on_parked: told why a final was set aside.
            on_refused: told on which topic, and why, a message was left out that is no final.
            on_delivered: told which final the broker has.
        """
        self._outbox = outbox
        self._storage = storage
        self._settings = settings
        self._on_parked = on_parked
        self._on_refused = on_refused
        self._on_delivered = on_delivered
        # MQTT 3.1.1 knows no "too large": some brokers close the connection instead. Ids sent when that happened.
        self._breaks: deque[int] = deque(maxlen=PARK_AFTER)
        # Other brokers close it over a topic that they do not allow. Bounded by the rooms that the outbox holds.
        self._shunned: set[str] = set()

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
        if self._breaks.count(message.id) >= PARK_AFTER:
            self._shunned.add(message.topic)
        refusal = "it closes the connection"
        if message.topic not in self._shunned:
            try:
                await self._deliver(link, message, message.payload)
                refusal = ""
            except (PublishRefusedError, RefusedForNowError) as error:
                refusal = error.reason
        if refusal:
            self._on_refused(message.topic, refusal)
        await self._stored(lambda: self._outbox.confirm(message.id))

    async def _send_final(self, link: Link, message: OutboxMessage) -> None:
        """Send a final; shorten it, then park it, where the broker will not take it."""
        payload = message.payload
        breaks = self._breaks.count(message.id)
        if len(payload) > self._settings.max_message_bytes or breaks >= _SHORTEN_AFTER:
            payload = shortened(payload)
        if breaks >= PARK_AFTER and len(payload) > _SURELY_SMALL:
            await self._park(message, f"the broker closed the connection {breaks} times instead of taking it")
            return
        try:
            await self._deliver(link, message, payload)
        except PublishRefusedError as first:
            try:
                if not first.too_large:
                    raise
                await self._deliver(link, message, shortened(payload))
            except PublishRefusedError as error:
                await self._park(message, str(error))
                return
        self._on_delivered(payload)
        await self._stored(lambda: self._outbox.confirm(message.id))

    async def _deliver(self, link: Link, message: OutboxMessage, payload: bytes) -> None:
        if len(payload) > self._settings.max_message_bytes:
            raise PublishRefusedError(
                f"{len(payload)} bytes are more than mqtt.max_message_bytes = {self._settings.max_message_bytes}",
                too_large=True,
            )
        try:
            await link.deliver(message.topic, payload, qos=self._settings.final_qos)
        except (asyncio.CancelledError, aiomqtt.MqttError):
            if link.is_lost:
                self._breaks.append(message.id)
            raise

    async def _park(self, message: OutboxMessage, reason: str) -> None:
        await self._stored(lambda: self._outbox.park(message.id, reason))
        self._on_parked(reason)

    async def _stored(self, call: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._storage, call)
