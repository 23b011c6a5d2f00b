"""A room's presence: the retained topic ``status``, which says whether its streamer is there, and what it waits for."""

from __future__ import annotations

import asyncio

import aiomqtt

from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.encoding import waiting_payload
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.payloads import StatusPayload, encode
from streamer.types import DeviceAwaited, MeetingEvent, MeetingStarted


class Presence:
    """Says that the room is online, and that it is not any more."""

    def __init__(self, topics: Topics, best_effort: BestEffort) -> None:
        self._topic = topics.status
        self._best_effort = best_effort
        self._plainly_online = encode(StatusPayload(room=topics.room, status="online"))
        self._online = self._plainly_online
        self._offline = encode(StatusPayload(room=topics.room, status="offline"))
        self._room = topics.room
        self._has_changed = asyncio.Event()

    @property
    def will(self) -> aiomqtt.Will:
        """What the broker says where a connection is lost."""
        return aiomqtt.Will(self._topic, self._offline, qos=1, retain=True)

    def apply(self, event: MeetingEvent) -> None:
        """Take an event: it may begin or end a wait for the microphone."""
        before = self._online
        if isinstance(event, DeviceAwaited):
            self._online = encode(StatusPayload(room=self._room, status="online", waiting=waiting_payload(event)))
        elif isinstance(event, MeetingStarted):
            self._online = self._plainly_online
        if self._online != before:
            self._has_changed.set()

    async def tell(self, link: Link) -> None:
        """Say that the room is there.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        self._has_changed.clear()
        await self._best_effort.publish(link, self._topic, self._online, retain=True)

    async def send_changes(self, link: Link) -> None:
        """Tell it again whenever it has changed, until cancelled.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        while True:
            await self._has_changed.wait()
            await self.tell(link)

    async def leave(self, link: Link) -> None:
        """Say that the room is not there any more: a broker forgets the will of whoever says goodbye.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        await self._best_effort.publish(link, self._topic, self._offline, retain=True)
