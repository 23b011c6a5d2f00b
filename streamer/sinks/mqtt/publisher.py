"""The MQTT sink: one connection a room, kept up for as long as the meeting lasts.

``handle`` only notes what changed and never waits for the network. ``run`` holds the connection: states are sent
again on every new one, finals, also those in hindsight, come from the outbox in order and leave it when the broker
confirms them, and of the partials only the newest is sent.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from datetime import UTC, datetime

from streamer.errors import StoreError
from streamer.interfaces import MeetingControl
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, Topics, check_address
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.breaks import Breaks
from streamer.sinks.mqtt.connections import Connections
from streamer.sinks.mqtt.control import CommandDesk
from streamer.sinks.mqtt.credentials import secret_in
from streamer.sinks.mqtt.delivery import Delivery
from streamer.sinks.mqtt.encoding import metrics_payload
from streamer.sinks.mqtt.homeassistant import discovery_messages
from streamer.sinks.mqtt.incoming import Incoming
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.meeting_topic import MeetingTopic
from streamer.sinks.mqtt.moments import Moments
from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.outbox import Outbox
from streamer.sinks.mqtt.partials import Partials
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.presence import Presence
from streamer.types import (
    GapFound,
    MarkAdded,
    MeetingCalledOff,
    MeetingEnded,
    MeetingEvent,
    Notice,
    SegmentFinalized,
    SegmentRevised,
    SegmentUpdated,
    StatusUpdated,
)

logger = logging.getLogger(__name__)

_RETURN_SHOWN_S = 10.0
"""How long a person is told that the link is back."""


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
        """Prepare.

        Raises:
            SettingsError: the address, the room's name or Home Assistant's prefix is wrong, or the password, the secret
                or a certificate cannot be read.
        """
        self._settings = settings
        self._address: BrokerAddress = check_address(settings.url)
        self._topics = Topics(self._address.prefix, room)
        self._room = room
        self._parts = parts
        self._announcements = discovery_messages(self._topics, settings)
        self._notices = LinkNotices(self._address.shown, parts.notify)
        breaks = Breaks()
        self._best_effort = BestEffort(breaks, self._notices)
        self._presence = Presence(self._topics, self._best_effort)
        self._connections = Connections(self._address, settings, room, self._presence.will, breaks, self._notices)
        secret = secret_in(settings.control_secret_env)
        desk = CommandDesk(room, parts.control, secret, self._has_meeting) if settings.control else None
        self._incoming = Incoming(self._topics, desk, parts.clock, self._presence, self._best_effort, self._notices)
        self._delivery = Delivery(parts.outbox, parts.storage, settings, breaks, self._notices, self._note_delivered)
        self._moments = Moments(self._topics, self._best_effort)
        self._partials = Partials(self._topics, settings, self._best_effort)
        self._meeting = MeetingTopic(self._topics, self._best_effort, settings.drain_s / 2)
        self._status: StatusUpdated | None = None
        self._has_come = asyncio.Event()
        """Something for the outbox, or the end."""
        self._ended = asyncio.Event()
        self._has_told_end = False
        self._is_back = asyncio.Event()

    @property
    def has_told_end(self) -> bool:
        """Whether the broker knows that the meeting has ended."""
        return self._has_told_end

    def _has_meeting(self) -> bool:
        return bool(self._meeting.meeting_id)

    async def handle(self, event: MeetingEvent) -> None:
        """Note an event; nothing here waits for the broker."""
        self._meeting.apply(event)
        self._presence.apply(event)
        self._incoming.rivals.own = self._meeting.meeting_id
        match event:
            case SegmentUpdated():
                self._partials.put(self._meeting.meeting_id, event)
            case SegmentFinalized():
                self._partials.clear()
                self._has_come.set()
            case SegmentRevised():
                self._has_come.set()
            case StatusUpdated():
                self._status = event
            case MarkAdded():
                self._moments.mark(self._meeting.meeting_id, event)
            case GapFound(gap=gap):
                self._moments.gap(self._meeting.meeting_id, gap)
            case MeetingEnded() | MeetingCalledOff():
                self._ended.set()
                self._has_come.set()
            case _:
                pass

    async def run(self) -> None:
        """Keep the connection until the meeting has ended and the outbox is empty, or ``drain_s`` is over.

        A broker that is away while a meeting is called off is not waited for: it has not heard of it.
        """
        if self._parts.rival:
            self._incoming.rivals.tell(self._parts.rival)
        try:
            async with asyncio.timeout(None) as deadline:
                async with asyncio.TaskGroup() as group:
                    link = group.create_task(
                        self._connections.serve(self._serve), name=f"streamer.{self._room}.mqtt.link"
                    )
                    await self._ended.wait()
                    self._connections.try_now()
                    drain_s = self._settings.drain_s if self._has_meeting() or self._partials.is_up else 0.0
                    deadline.reschedule(asyncio.get_running_loop().time() + drain_s)
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
        # For the log only: whoever holds the meeting says it in its last lines.
        if waiting:
            logger.info("captions that wait for %s: %d; the next run sends them", shown, waiting)
        else:
            logger.info("%s was not told that the meeting has ended", shown)

    async def _serve(self, link: Link) -> None:
        await self._presence.tell(link)
        self._partials.is_up = True
        try:
            await self._publish_all(link)
        finally:
            self._partials.is_up = False

    async def _publish_all(self, link: Link) -> None:
        """Everything that happens on one connection, until the meeting has ended and all is confirmed."""
        for topic, payload in self._announcements:
            await self._best_effort.publish(link, topic, payload, retain=True)
        await self._incoming.subscribe(link)
        self._is_back.clear()
        self._meeting.tell_again()
        self._has_come.set()
        name = f"streamer.{self._room}.mqtt"
        async with asyncio.TaskGroup() as group:
            endless = [
                # Iterating over messages is also how a lost connection is noticed.
                group.create_task(self._incoming.listen(link, self._meeting.tell_again), name=f"{name}.in"),
                group.create_task(self._partials.send(link), name=f"{name}.partials"),
                group.create_task(self._meeting.send_changes(link), name=f"{name}.states"),
                group.create_task(self._presence.send_changes(link), name=f"{name}.presence"),
                group.create_task(self._moments.send(link), name=f"{name}.moments"),
                group.create_task(self._send_metrics(link), name=f"{name}.metrics"),
                group.create_task(self._settle(), name=f"{name}.notices"),
            ]
            await self._send_captions(link)
            for task in endless:
                task.cancel()
        await self._moments.send_waiting(link)
        await self._meeting.send(link)
        self._has_told_end = True
        await self._presence.leave(link)

    async def _send_captions(self, link: Link) -> None:
        waiting = await self._delivery.count() if self._notices.is_down else 0
        while True:
            self._has_come.clear()
            ended = self._ended.is_set()
            sent = await self._delivery.send_some(link)
            # Only now: a broker that takes connections may still refuse finals.
            self._connections.note_progress()
            if self._notices.is_down:
                self._notices.back(waiting)
                self._is_back.set()
            if sent:
                self._meeting.tell_news()
                continue
            if ended:
                return
            await self._has_come.wait()

    def _note_delivered(self, final: bytes) -> None:
        # Progress, also where each final costs a connection: a 3.1.1 broker may close it over one that is too large.
        self._connections.note_progress()
        self._meeting.confirm(final)

    async def _settle(self) -> None:
        while True:
            await self._is_back.wait()
            self._is_back.clear()
            await asyncio.sleep(_RETURN_SHOWN_S)
            self._notices.settled()

    async def _send_metrics(self, link: Link) -> None:
        while True:
            await asyncio.sleep(self._settings.metrics_interval_s)
            if not self._incoming.hears_status:
                # Somebody may have said that nobody is here, unheard: the broker does not let this room read that.
                await self._presence.tell(link)
            if self._status is not None:
                if waiting := await self._delivery.count():
                    self._has_come.set()  # what was told before it was stored, as by a disk that hung, woke nobody
                payload = metrics_payload(self._room, self._meeting.meeting_id, self._status, waiting)
                await self._best_effort.pass_on(link, self._topics.metrics, encode(payload))
