"""One room's captions over MQTT, put together: which messages a final puts into the outbox, and who sends them."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import aiomqtt

from streamer.archive import Archive, data_folder
from streamer.errors import SinkError
from streamer.interfaces import Journal, MeetingControl
from streamer.journals import open_meeting
from streamer.meeting.outbox import OutboxEntry, StoreOutbox
from streamer.meeting.store import MeetingStore
from streamer.pipeline import Worker
from streamer.settings import Settings
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import BrokerAddress, Topics, parse_address, read_password
from streamer.sinks.mqtt.delivery import Delivery
from streamer.sinks.mqtt.link import Link, client_id, connected
from streamer.sinks.mqtt.payloads import encode, final_payload
from streamer.sinks.mqtt.publisher import MqttPublisher, PublisherParts
from streamer.types import MeetingEvent, MeetingStarted, Notice, SegmentFinalized

logger = logging.getLogger(__name__)


class Broadcast(AbstractContextManager["Broadcast"]):
    """Publishes a room for as long as it is entered: a connection to the store of its own, and an MQTT sink on it."""

    def __init__(self, room: str, settings: Settings, data_dir: Path | None, storage: Worker) -> None:
        """Check address, room and password file.

        Raises:
            SettingsError: one of them is wrong.
        """
        self._room = room
        self._settings = settings
        self._data_dir = data_dir
        self._storage = storage
        self._broker, self._topic = final_queue(settings.mqtt.url, room)
        self._store: MeetingStore | None = None
        self._rival = ""

    def __enter__(self) -> Self:
        archive = Archive(data_folder(self._settings, self._data_dir))
        # SQLite connections belong to a thread: this one is opened, used and closed in the storage thread.
        self._store = self._storage.submit(partial(archive.open_store, self._settings)).result()
        self._rival = self._storage.submit(partial(_held_in, self._room, archive, self._store)).result()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._store is not None:
            self._storage.submit(self._store.close)

    def open_journal(self, started: MeetingStarted) -> Journal:
        """As :func:`~streamer.journals.open_meeting`, with every final announced in the transaction that stores it."""
        return open_meeting(
            self._settings, self._data_dir, started, announce=partial(self._announce, started.meeting_id)
        )

    def sink(self, control: MeetingControl, notify: Callable[[Notice], None]) -> MqttPublisher:
        """The sink; its ``run`` is a task of the meeting."""
        if self._store is None:
            raise RuntimeError("a broadcast must be entered before it has a sink")
        parts = PublisherParts(self._outbox(self._store), self._storage, control, notify, rival=self._rival)
        return MqttPublisher(self._room, self._settings.mqtt, parts)

    @property
    def broker(self) -> str:
        """Where it publishes, for people."""
        return self._broker

    def waiting(self) -> int:
        """Messages of this room that the broker has not confirmed. Called in the storage thread.

        Raises:
            StoreError: the store cannot be read.
        """
        return 0 if self._store is None else self._outbox(self._store).count()

    def _outbox(self, store: MeetingStore) -> StoreOutbox:
        return StoreOutbox(store.database, self._broker, self._topic)

    def _announce(self, meeting_id: str, event: MeetingEvent) -> Sequence[OutboxEntry]:
        if not isinstance(event, SegmentFinalized):
            return ()
        payload = encode(final_payload(self._room, meeting_id, event.segment))
        return (OutboxEntry(self._broker, self._topic, payload),)


def _held_in(room: str, archive: Archive, store: MeetingStore) -> str:
    """Id of a meeting that another process holds in this room now; empty where there is none."""
    held = (one.id for one in store.records() if one.room == room and archive.is_running(one))
    return next(held, "")


def send_waiting(store: MeetingStore, settings: MqttSettings) -> int:
    """Send now what waits for the broker of ``settings.url``, on whatever topics; how many messages it was.

    Raises:
        SettingsError: the address, the password file or a certificate is wrong.
        SinkError: the broker cannot be reached, refuses, or goes away; what is not confirmed waits on.
        StoreError: the store cannot be read or written.
    """
    address = parse_address(settings.url)
    outbox = StoreOutbox(store.database, address.broker)
    before = outbox.count()
    try:
        asyncio.run(_send_all(outbox, address, settings))
    except (aiomqtt.MqttError, OSError) as error:
        raise SinkError(
            f"{address.broker} did not take everything ({error}): {before - outbox.count()} of {before} finals are "
            "sent, the others wait on"
        ) from error
    return before


async def _send_all(outbox: StoreOutbox, address: BrokerAddress, settings: MqttSettings) -> None:
    link = Link(
        address,
        settings,
        username=address.user,
        password=read_password(settings),
        identifier=client_id(settings, "outbox"),
    )
    with ThreadPoolExecutor(1, thread_name_prefix="streamer-storage") as storage:
        delivery = Delivery(
            outbox, storage, settings, lambda reason: logger.warning("a final was set aside: %s", reason)
        )
        async with connected(link):
            while await delivery.send_some(link):
                pass


def final_queue(url: str, room: str) -> tuple[str, str]:
    """Broker and topic that a room's finals wait for.

    Raises:
        SettingsError: the address or the room's name is wrong.
    """
    address = parse_address(url)
    return address.broker, Topics(address.prefix, room).final
