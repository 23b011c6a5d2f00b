"""What arrives for a room's publisher: commands, and what the broker says of the room itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

import aiomqtt
import msgspec
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.control import CommandDesk
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.payloads import StatusPayload, encode
from streamer.sinks.mqtt.presence import Presence
from streamer.sinks.mqtt.rivals import Rivals


class Incoming:
    """Carries out commands, where they are allowed, contradicts who says the room is offline, and notes its rivals."""

    def __init__(
        self,
        topics: Topics,
        desk: CommandDesk | None,
        clock: Callable[[], datetime],
        presence: Presence,
        best_effort: BestEffort,
        notices: LinkNotices,
    ) -> None:
        """Listen to a room's own topics.

        Args:
            topics: the room's.
            desk: None where commands are off.
            clock: the time that signatures are compared with.
            presence: asked to contradict.
            best_effort: publishes the answers to commands.
            notices: told whether commands come, and that another program has the room.
        """
        self._topics = topics
        self._desk = desk
        self._presence = presence
        self._best_effort = best_effort
        self._notices = notices
        self.rivals = Rivals(topics.room, notices)
        self._clock = clock
        self.hears_status = False
        """Whether the broker passes the room's own status on to it, on this connection."""

    async def subscribe(self, link: Link) -> None:
        """Ask for it, on a new connection.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        self.hears_status = False
        # Another program of this room's name that ends, or the last will of a connection that was given up long ago,
        # has the broker say that nobody is here.
        if not await self._best_effort.subscribe(link, self._topics.status):
            # The same of its meeting: two programs would write over each other, and neither knows.
            await self._best_effort.subscribe(link, self._topics.meeting)
        if self._desk is not None:
            self._notices.commands(await self._best_effort.subscribe(link, self._topics.command))

    async def listen(self, link: Link, tell_meeting: Callable[[], None]) -> None:
        """Take what comes until the connection is lost.

        Args:
            link: the connection.
            tell_meeting: has the state of this program's meeting told again, without waiting.

        Raises:
            aiomqtt.MqttError: it is.
        """
        async for message in link.messages:
            if str(message.topic) == self._topics.status:
                self.hears_status = True
                if not _says_online(message.payload):
                    await self._presence.tell(link)
            elif str(message.topic) == self._topics.meeting:
                if self.rivals.hear(message.payload, is_retained=message.retain):
                    tell_meeting()
            # A retained command would be carried out again at every reconnect.
            elif self._desk is not None and not message.retain:
                reply = self._desk.handle(message.payload, self._clock().timestamp())
                topic, properties = _reply_address(message, self._topics.reply)
                await self._best_effort.publish(link, topic, encode(reply), properties=properties)


def _says_online(payload: bytes) -> bool:
    try:
        return msgspec.json.decode(payload, type=StatusPayload).status == "online"
    except (msgspec.DecodeError, UnicodeDecodeError):
        return False


def _reply_address(message: aiomqtt.Message, default: str) -> tuple[str, Properties | None]:
    """Where an answer goes: the request's response topic with its correlation data (MQTT 5), else ``reply``."""
    topic = getattr(message.properties, "ResponseTopic", "")
    if not _is_topic(topic):
        return default, None
    properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
    correlation = getattr(message.properties, "CorrelationData", None)
    if correlation is not None:
        properties.CorrelationData = correlation
    return topic, properties


def _is_topic(name: str) -> bool:
    """Whether one can publish on it: brokers pass on whatever somebody names, filters too."""
    try:
        aiomqtt.Topic(name)
    except ValueError:
        return False
    return True
