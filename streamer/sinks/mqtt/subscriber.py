"""Watches rooms over MQTT: keeps a connection and gives events."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from urllib.parse import unquote, urlsplit

import aiomqtt

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, parse_address, read_password
from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.link import Link, client_id, connected
from streamer.types import MeetingEvent, Notice, Severity

logger = logging.getLogger(__name__)

LINK_KEY = "mqtt.link"
EVERY_ROOM = "+"
"""In an address, in place of a room: all below its prefix."""
_FIRST_BACKOFF = 0.5


def parse_watch_address(url: str) -> tuple[BrokerAddress, str]:
    """The broker, and the room to watch (``+`` for all): ``mqtt://host/prefix/room``.

    Raises:
        SettingsError: not an address, or no room in it.
    """
    parts = urlsplit(url)
    prefix, slash, room = unquote(parts.path).strip("/").rpartition("/")
    if not slash or not prefix or not room:
        raise SettingsError(f"{url!r} names no room: expected mqtt://host/prefix/room, or + as room for all of them")
    return parse_address(parts._replace(path=f"/{prefix}").geturl()), room


class RoomWatcher:
    """Events of one room or of all below a prefix. Reconnects for ever."""

    def __init__(self, settings: MqttSettings) -> None:
        self._settings = settings
        self._address, self._room = parse_watch_address(settings.url)
        self._password = read_password(settings)
        self._decoders: dict[str, RoomDecoder] = {}

    async def events(self) -> AsyncIterator[tuple[str, MeetingEvent]]:
        """(room, event) as they arrive. Link trouble is a notice of room ``""``; what cannot be read is logged."""
        backoff = _FIRST_BACKOFF
        while True:
            try:
                link = Link(
                    self._address,
                    self._settings,
                    username=self._address.user,
                    password=self._password,
                    identifier=client_id(self._settings, "watch"),
                )
                async with connected(link):
                    await link.subscribe(f"{self._address.prefix}/{self._room}/#", qos=1)
                    backoff = _FIRST_BACKOFF
                    yield "", Notice(LINK_KEY, Severity.INFO, "")
                    async for message in link.messages:
                        for found in self._decoded(message):
                            yield found
            except (aiomqtt.MqttError, OSError) as error:
                text = f"MQTT: no link to {self._address.shown} ({error})"
                yield "", Notice(LINK_KEY, Severity.WARNING, text)
            await asyncio.sleep(random.uniform(backoff / 2, backoff))  # noqa: S311 - no secret
            backoff = min(backoff * 2, self._settings.backoff_max_s)

    def _decoded(self, message: aiomqtt.Message) -> list[tuple[str, MeetingEvent]]:
        levels = str(message.topic).removeprefix(f"{self._address.prefix}/")
        room, _, leaf = levels.partition("/")
        if not isinstance(message.payload, bytes) or not message.payload:
            return []
        decoder = self._decoders.setdefault(room, RoomDecoder(room))
        try:
            return [(room, event) for event in decoder.decode(leaf, message.payload)]
        except ValueError as error:
            logger.warning("message ignored: %s", error)
            return []
