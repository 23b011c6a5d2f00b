"""Watches rooms over MQTT: keeps a connection and gives events."""

from __future__ import annotations

import asyncio
import math
import random
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import aiomqtt
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, check_address, check_levels, parse_address, split_address
from streamer.sinks.mqtt.client_ids import passing_client_id
from streamer.sinks.mqtt.credentials import read_password, tls_context
from streamer.sinks.mqtt.decoding import RoomDecoder
from streamer.sinks.mqtt.link import Link, connected
from streamer.sinks.mqtt.outage import Outage
from streamer.sinks.mqtt.reasons import reason_of
from streamer.sinks.mqtt.silence import SILENT_KEY, Silence
from streamer.sinks.mqtt.unread import Unread
from streamer.types import MeetingEvent, Notice, Severity

LINK_KEY = "mqtt.link"
EVERY_ROOM = "+"
"""In an address, in place of a room: all below its prefix."""
_FIRST_BACKOFF = 0.5
_INCOMING = 10_000
"""Messages that wait to be taken: after a lost link a broker sends all it has kept at once."""


def parse_watch_address(url: str) -> tuple[BrokerAddress, str]:
    """The broker, and the room to watch (``+`` for all): ``mqtt://host/prefix/room``.

    Raises:
        SettingsError: not an address, no room in it, or one that MQTT forbids.
    """
    parts = split_address(url)
    if parts.scheme not in {"mqtt", "mqtts"}:
        parse_address(url)
    prefix, slash, room = unquote(parts.path).strip("/").rpartition("/")
    if not slash or not prefix or not room:
        raise SettingsError(f"{url!r} names no room: expected mqtt://host/prefix/room, or + as room for all of them")
    if room != EVERY_ROOM:
        check_levels("room", room)
    return check_address(parts._replace(path=f"/{prefix}").geturl()), room


class RoomWatcher:
    """Events of one room or of all below a prefix. Reconnects for ever.

    A broker that speaks MQTT 5 keeps what is published with QoS 1 while the link is lost, for as long as the settings
    say, and forgets it when watching ends.
    """

    def __init__(self, settings: MqttSettings) -> None:
        """Prepare.

        Raises:
            SettingsError: the address is wrong, or the password file or a certificate cannot be read.
        """
        self._settings = settings
        self._address, self._room = parse_watch_address(settings.url)
        self._password = read_password(settings)
        if self._address.tls:
            tls_context(settings)  # one that is missing now is an error; later it is waited for, as the broker is
        # One for all connections: the broker knows by it whose messages it has kept.
        self._client_id = passing_client_id(settings, "watch")
        self._keeps_session = settings.protocol == "5" and settings.watch_session_s > 0
        self._decoders: dict[str, RoomDecoder] = {}
        self._is_beginning = True
        """Until the first link is lost: what rooms end afterwards is news, also where the broker tells it later."""
        self._came_at: datetime | None = None
        """When the first link was there."""
        self._silence = Silence()
        self._unread = Unread()

    async def events(self) -> AsyncIterator[tuple[str, MeetingEvent]]:
        """(room, event) as they arrive.

        A lost link is a notice of room ``""``, however many attempts fail for the same reason; so is its return. What
        cannot be read is another.
        """
        backoff, outage = _FIRST_BACKOFF, Outage()
        while True:
            try:
                async with connected(self._link()) as link:
                    await link.hear(f"{self._address.prefix}/{self._room}/#")
                    self._came_at = self._came_at or datetime.now(UTC)
                    if outage.goes_on:
                        yield "", Notice(LINK_KEY, Severity.INFO, f"MQTT: the link to {self._address.shown} is back")
                    backoff = _FIRST_BACKOFF
                    outage.end()
                    yield "", Notice(LINK_KEY, Severity.INFO, "")
                    try:
                        async for found in self._arriving(link):
                            yield found
                    except (asyncio.CancelledError, GeneratorExit):
                        if self._keeps_session:
                            await link.leave_for_good()
                        raise
            except (aiomqtt.MqttError, OSError, SettingsError) as error:
                for notice in self._silence.forget():
                    yield _room_of(notice), notice
                text = f"MQTT: no link to {self._address.shown} ({reason_of(error)})"
                if outage.is_news(text, error):
                    yield "", Notice(LINK_KEY, Severity.WARNING, text)
                self._is_beginning = False
            await asyncio.sleep(random.uniform(backoff / 2, backoff))  # noqa: S311 - no secret
            backoff = min(backoff * 2, self._settings.backoff_max_s)

    async def _arriving(self, link: Link) -> AsyncIterator[tuple[str, MeetingEvent]]:
        """What comes over one connection, and which rooms should have been heard of."""
        messages, now = aiter(link.messages), asyncio.get_running_loop().time
        self._silence.begin(now())
        while True:
            # A task: asked again after a time-out, a message that came meanwhile could be lost.
            coming = asyncio.ensure_future(anext(messages))
            try:
                while not coming.done():
                    longest = self._silence.due - now()
                    await asyncio.wait({coming}, timeout=None if longest == math.inf else max(0.0, longest))
                    if not coming.done():
                        for notice in self._silence.gone(now()):
                            yield _room_of(notice), notice
            finally:
                coming.cancel()
            for found in self._decoded(coming.result(), now()):
                yield found

    def _link(self) -> Link:
        """A new connection; none begins anew, so that messages kept for it are not thrown away.

        Not even the first, whose name nobody had before: what begins anew mosquitto does not save over a restart.
        """
        session: dict[str, Any] = {}
        if self._keeps_session:
            kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
            kept.SessionExpiryInterval = self._settings.watch_session_s
            session = {"clean_start": False, "properties": kept}
        return Link(
            self._address,
            self._settings,
            username=self._address.user,
            password=self._password,
            identifier=self._client_id,
            max_queued_incoming_messages=_INCOMING,
            **session,
        )

    def _decoded(self, message: aiomqtt.Message, now: float) -> list[tuple[str, MeetingEvent]]:
        levels = str(message.topic).removeprefix(f"{self._address.prefix}/")
        room, _, leaf = levels.partition("/")
        if not isinstance(message.payload, bytes) or not message.payload:
            return []
        # Of all rooms the broker keeps those of last year, too.
        is_past_left_out = self._is_beginning and self._room == EVERY_ROOM
        decoder = self._decoders.setdefault(room, RoomDecoder(room, is_past_left_out=is_past_left_out))
        try:
            there_since = None if self._is_beginning else self._came_at
            events = decoder.decode(leaf, message.payload, is_retained=message.retain, there_since=there_since)
        except ValueError as error:
            return [("", notice) for notice in self._unread.refuse(str(message.topic), str(error))]
        read = [("", notice) for notice in self._unread.take(str(message.topic))]
        if not events and not decoder.has_meeting:
            return [*read]
        told = [(_room_of(notice), notice) for notice in self._silence.hear(room, leaf, events, now)]
        return [*read, *told, *((room, event) for event in events)]


def _room_of(notice: Notice) -> str:
    key, _, room = notice.key.partition(f"{SILENT_KEY}.")
    return room if not key else ""
