"""The MQTT sink: one connection a room, kept up for as long as the meeting lasts.

``handle`` only notes what changed and never waits for the network. ``run`` holds the connection: states are sent
again on every new one, finals, also those in hindsight, come from the outbox in order and leave it when the broker
confirms them, and of the partials only the newest is sent. Marks and gaps wait in memory while the broker is away: the
store has them too.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

import aiomqtt
from paho.mqtt.properties import Properties

from streamer.errors import StoreError
from streamer.interfaces import MeetingControl
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, Topics, parse_address, read_password
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.breaks import Breaks
from streamer.sinks.mqtt.control import CommandDesk
from streamer.sinks.mqtt.delivery import Delivery
from streamer.sinks.mqtt.encoding import gap_payload, mark_payload, metrics_payload, partial_payload
from streamer.sinks.mqtt.homeassistant import discovery_messages
from streamer.sinks.mqtt.incoming import Incoming
from streamer.sinks.mqtt.link import Link, client_id, connected
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.outbox import Outbox
from streamer.sinks.mqtt.payloads import GapPayload, MarkPayload, StatusPayload, encode
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import (
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    Notice,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
)

logger = logging.getLogger(__name__)

_FIRST_BACKOFF = 0.5
_RETURN_SHOWN_S = 10.0
"""How long a person is told that the link is back."""
_MOMENTS = 1000


@dataclass(frozen=True, slots=True)
class PublisherParts:
    """What a publisher is given by the composition root."""

    outbox: Outbox
    storage: Executor
    """The storage thread; the outbox is called there only."""
    control: MeetingControl
    notify: Callable[[Notice], None]
    """Shows a notice in the meeting's other sinks."""
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    rival: str = ""
    """Id of another meeting of this room that is being held; empty where none is known of."""


class MqttPublisher:
    """Publishes one room. A :class:`~streamer.interfaces.Sink` whose ``run`` is a task of the pipeline."""

    def __init__(self, room: str, settings: MqttSettings, parts: PublisherParts) -> None:
        self._settings = settings
        self._address: BrokerAddress = parse_address(settings.url)
        self._topics = Topics(self._address.prefix, room)
        self._room = room
        self._parts = parts
        self._password = read_password(settings)
        secret = os.environ.get(settings.control_secret_env) or None
        desk = CommandDesk(room, parts.control, secret) if settings.control else None
        self._incoming = Incoming(self._topics, desk, parts.clock)
        self._client_id = client_id(settings, room)
        self._online = encode(StatusPayload(room=room, status="online"))
        self._state = MeetingState(room)
        self._status: StatusUpdated | None = None
        # The newest partial only: an older one is worthless once a newer one exists.
        self._partials: deque[SegmentUpdated] = deque(maxlen=1)
        self._partial_waits = asyncio.Event()
        # Policy: the oldest goes first; nobody marks a thousand moments while a broker is away.
        self._moments: deque[tuple[str, bytes]] = deque(maxlen=_MOMENTS)
        self._moment_waits = asyncio.Event()
        self._outbox_waits = asyncio.Event()
        self._state_changed = asyncio.Event()
        self._ended = asyncio.Event()
        self._is_up = False
        self._has_told_end = False
        self._backoff = _FIRST_BACKOFF
        self._has_news = False
        self._is_back = asyncio.Event()
        self._notices = LinkNotices(self._address.shown, parts.notify)
        self._breaks = Breaks()
        self._best_effort = BestEffort(self._breaks, self._notices)
        self._delivery = Delivery(
            parts.outbox, parts.storage, settings, self._breaks, self._notices, self._note_delivered
        )

    @property
    def has_told_end(self) -> bool:
        """Whether the broker knows that the meeting has ended."""
        return self._has_told_end

    async def handle(self, event: MeetingEvent) -> None:
        """Note an event; nothing here waits for the broker."""
        if self._state.apply(event):
            self._state_changed.set()
        match event:
            case SegmentUpdated() if self._settings.partials and self._is_up:
                self._partials.append(event)
                self._partial_waits.set()
            case SegmentFinalized():
                # What was provisional is final now: an older partial must not come after it.
                self._partials.clear()
                self._outbox_waits.set()
            case SegmentRevised():
                self._outbox_waits.set()
            case StatusUpdated():
                self._status = event
            case MarkAdded():
                self._note_moment(self._topics.mark, mark_payload(self._room, self._state.meeting_id, event))
            case GapFound(gap=gap):
                self._note_moment(self._topics.gap, gap_payload(self._room, self._state.meeting_id, gap))
            case MeetingEnded():
                self._ended.set()
            case _:
                pass

    async def run(self) -> None:
        """Keep the connection until the meeting has ended and the outbox is empty, or ``drain_s`` is over."""
        if self._parts.rival:
            self._notices.rival(self._room, self._parts.rival)
        try:
            async with asyncio.timeout(None) as deadline:
                async with asyncio.TaskGroup() as group:
                    link = group.create_task(self._keep_link(), name=f"streamer.{self._room}.mqtt.link")
                    await self._ended.wait()
                    deadline.reschedule(asyncio.get_running_loop().time() + self._settings.drain_s)
                    await link
        except TimeoutError:
            await self._log_what_waits()

    async def _log_what_waits(self) -> None:
        shown = self._address.shown
        try:
            waiting = await self._delivery.count()
        except StoreError as error:
            logger.warning("captions that wait for %s cannot be counted: %s", shown, error)
            return
        if waiting:
            logger.warning("%d captions wait for %s; the next run sends them", waiting, shown)
        else:
            logger.warning("%s was not told that the meeting has ended", shown)

    async def _keep_link(self) -> None:
        while True:
            try:
                async with self._connection() as link:
                    await self._serve(link)
                    return
            except* (aiomqtt.MqttError, OSError, StoreError) as errors:
                # Not kept in a variable here: an error holds on to its frames, and these to the link and its socket.
                self._report_down(_first(errors))
            # Full jitter, so that rooms that lost one broker do not come back in step.
            await asyncio.sleep(random.uniform(self._backoff / 2, self._backoff))  # noqa: S311 - no secret
            self._backoff = min(self._backoff * 2, self._settings.backoff_max_s)

    def _report_down(self, error: BaseException) -> None:
        logger.info("MQTT link to %s: %s", self._address.shown, error)
        self._notices.down(error)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Link]:
        offline = encode(StatusPayload(room=self._room, status="offline"))
        # A new client each time: one that timed out would send its unconfirmed messages again by itself.
        link = Link(
            self._address,
            self._settings,
            username=self._address.user,
            password=self._password,
            identifier=self._client_id,
            will=aiomqtt.Will(self._topics.status, offline, qos=1, retain=True),
        )
        try:
            async with connected(link):
                await self._tell_presence(link)
                self._is_up = True
                yield link
        finally:
            self._is_up = False
            if link.closed_over is not None and self._breaks.note(*link.closed_over):
                # Progress: the next connection is not closed over that.
                self._backoff = _FIRST_BACKOFF

    async def _serve(self, link: Link) -> None:
        """Everything that happens on one connection, until the meeting has ended and all is confirmed."""
        for topic, payload in self._announcements():
            await self._publish(link, topic, payload, retain=True)
        await self._incoming.subscribe(link)
        self._is_back.clear()
        self._state_changed.set()
        self._outbox_waits.set()
        name = f"streamer.{self._room}.mqtt"
        async with asyncio.TaskGroup() as group:
            endless = [
                # Iterating over messages is also how a lost connection is noticed.
                group.create_task(self._incoming.listen(link, self._publish, self._tell_presence), name=f"{name}.in"),
                group.create_task(self._send_partials(link), name=f"{name}.partials"),
                group.create_task(self._send_states(link), name=f"{name}.states"),
                group.create_task(self._send_moments(link), name=f"{name}.moments"),
                group.create_task(self._send_metrics(link), name=f"{name}.metrics"),
                group.create_task(self._settle(), name=f"{name}.notices"),
            ]
            await self._send_captions(link)
            for task in endless:
                task.cancel()
        await self._send_waiting_moments(link)
        await self._send_state(link)
        self._has_told_end = True
        offline = encode(StatusPayload(room=self._room, status="offline"))
        await self._publish(link, self._topics.status, offline, retain=True)

    def _announcements(self) -> tuple[tuple[str, bytes], ...]:
        if not self._settings.homeassistant:
            return ()
        return discovery_messages(self._topics, self._settings.homeassistant_prefix)

    async def _publish(
        self, link: Link, topic: str, payload: bytes, *, retain: bool = False, properties: Properties | None = None
    ) -> None:
        await self._best_effort.publish(link, topic, payload, retain=retain, properties=properties)

    async def _send_captions(self, link: Link) -> None:
        waiting = await self._delivery.count() if self._notices.is_down else 0
        while True:
            self._outbox_waits.clear()
            ended = self._ended.is_set()
            sent = await self._delivery.send_some(link)
            # Only now: a broker that takes connections may still refuse finals.
            self._backoff = _FIRST_BACKOFF
            if self._notices.is_down:
                self._notices.back(waiting)
                self._is_back.set()
            if sent:
                if self._has_news:
                    self._state_changed.set()
                continue
            if ended:
                return
            await _any_of(self._outbox_waits, self._ended)

    def _note_delivered(self, final: bytes) -> None:
        # Progress, also where each final costs a connection: a 3.1.1 broker may close it over one that is too large.
        self._backoff = _FIRST_BACKOFF
        # Told after a row of finals, not after each of those that waited.
        self._has_news |= self._state.confirm(final)

    async def _settle(self) -> None:
        while True:
            await self._is_back.wait()
            self._is_back.clear()
            await asyncio.sleep(_RETURN_SHOWN_S)
            self._notices.settled()

    async def _send_partials(self, link: Link) -> None:
        while True:
            await self._partial_waits.wait()
            self._partial_waits.clear()
            while self._partials:
                event = self._partials.popleft()
                payload = encode(partial_payload(self._room, self._state.meeting_id, event))
                if len(payload) <= self._settings.max_message_bytes:
                    await link.publish(self._topics.partial, payload, qos=0)

    async def _send_states(self, link: Link) -> None:
        while True:
            await self._state_changed.wait()
            if self._ended.is_set():
                # The end goes after the last final, when this task is over; told now only where finals take so long
                # that nobody would be told.
                await asyncio.sleep(self._settings.drain_s / 2)
            await self._send_state(link)

    async def _send_state(self, link: Link) -> None:
        self._state_changed.clear()
        self._has_news = False
        if (payload := self._state.payload()) is not None:
            await self._publish(link, self._topics.meeting, encode(payload), retain=True)

    def _note_moment(self, topic: str, payload: MarkPayload | GapPayload) -> None:
        self._moments.append((topic, encode(payload)))
        self._moment_waits.set()

    async def _send_moments(self, link: Link) -> None:
        while True:
            await self._send_waiting_moments(link)
            await self._moment_waits.wait()

    async def _send_waiting_moments(self, link: Link) -> None:
        self._moment_waits.clear()
        while self._moments:
            moment = self._moments[0]
            await self._publish(link, *moment)
            # Only now: a connection that broke meanwhile leaves it to the next one.
            if self._moments and self._moments[0] is moment:
                self._moments.popleft()

    async def _tell_presence(self, link: Link) -> None:
        await self._publish(link, self._topics.status, self._online, retain=True)

    async def _send_metrics(self, link: Link) -> None:
        while True:
            await asyncio.sleep(self._settings.metrics_interval_s)
            if not self._incoming.hears_status:
                # Somebody may have said that nobody is here, unheard: the broker does not let this room read that.
                await self._tell_presence(link)
            if self._status is not None:
                waiting = await self._delivery.count()
                payload = metrics_payload(self._room, self._state.meeting_id, self._status, waiting)
                await link.publish(self._topics.metrics, encode(payload), qos=0)


async def _any_of(*events: asyncio.Event) -> None:
    """Wait until one of the events is set."""
    waits = [asyncio.ensure_future(event.wait()) for event in events]
    try:
        await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for wait in waits:
            wait.cancel()


def _first(errors: BaseExceptionGroup[BaseException]) -> BaseException:
    """The innermost first exception of a group."""
    error: BaseException = errors
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error
