"""A room's presence: the retained topic ``status``, which says whether its streamer is connected."""

from __future__ import annotations

import aiomqtt

from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.payloads import StatusPayload, encode


class Presence:
    """Says that the room is online, and that it is not any more."""

    def __init__(self, topics: Topics, best_effort: BestEffort) -> None:
        self._topic = topics.status
        self._best_effort = best_effort
        self._online = encode(StatusPayload(room=topics.room, status="online"))
        self._offline = encode(StatusPayload(room=topics.room, status="offline"))

    @property
    def will(self) -> aiomqtt.Will:
        """What the broker says where a connection is lost."""
        return aiomqtt.Will(self._topic, self._offline, qos=1, retain=True)

    async def tell(self, link: Link) -> None:
        """Say that the room is there.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        await self._best_effort.publish(link, self._topic, self._online, retain=True)

    async def leave(self, link: Link) -> None:
        """Say that the room is not there any more: a broker forgets the will of whoever says goodbye.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        await self._best_effort.publish(link, self._topic, self._offline, retain=True)
