"""One room's captions over MQTT, put together: the journal that announces them, and who sends them."""

from __future__ import annotations

import queue
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

from streamer.announcing import CaptionAnnouncer, caption_queue
from streamer.archive.archive import Archive, data_folder
from streamer.archive.journals import open_meeting
from streamer.errors import StoreError
from streamer.interfaces import Journal, MeetingControl
from streamer.meeting.outbox import StoreOutbox
from streamer.meeting.store import MeetingStore
from streamer.pipeline import Worker
from streamer.settings import Settings
from streamer.sinks.mqtt.publisher import MqttPublisher, PublisherParts
from streamer.types import MeetingStarted, Notice

_PATIENCE_SECONDS = 1.0
"""How long whoever counts what waits is kept waiting by the store."""


class Broadcast(AbstractContextManager["Broadcast"]):
    """Publishes a room for as long as it is entered: a connection to the store of its own, and an MQTT sink on it."""

    def __init__(self, room: str, settings: Settings, data_dir: Path | None, storage: Worker) -> None:
        """Check address and room.

        Raises:
            SettingsError: one of them is wrong.
        """
        self._room = room
        self._settings = settings
        self._data_dir = data_dir
        self._storage = storage
        self._queue = caption_queue(settings.mqtt.url, room)
        self._store: MeetingStore | None = None
        self._rival = ""
        self._publisher: MqttPublisher | None = None

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
        """As :func:`~streamer.archive.journals.open_meeting`; what is stored is announced in the same transaction."""
        announce = CaptionAnnouncer(self._settings.mqtt, self._room, started.meeting_id)
        return open_meeting(self._settings, self._data_dir, started, announce=announce)

    def sink(self, control: MeetingControl, notify: Callable[[Notice], None]) -> MqttPublisher:
        """The sink; its ``run`` is a task of the meeting.

        Raises:
            SettingsError: the password file, or a certificate, cannot be read, or Home Assistant's prefix is wrong.
        """
        if self._store is None:
            raise RuntimeError("a broadcast must be entered before it has a sink")
        parts = PublisherParts(self._outbox(self._store), self._storage, control, notify, rival=self._rival)
        self._publisher = MqttPublisher(self._room, self._settings.mqtt, parts)
        return self._publisher

    @property
    def broker(self) -> str:
        """Where it publishes, for people."""
        return self._queue[0]

    @property
    def has_told_end(self) -> bool:
        """Whether the broker knows that the meeting of its sink has ended."""
        return self._publisher is not None and self._publisher.has_told_end

    def waiting(self) -> int:
        """Messages of this room that the broker has not confirmed. Called in the storage thread.

        Raises:
            StoreError: the store cannot be read.
        """
        return 0 if self._store is None else self._outbox(self._store).count()

    def count_waiting(self) -> int | None:
        """As :meth:`waiting`, from any thread but the event loop's; None where the store does not tell in time."""
        return count_waiting(self._storage, {self._room: self}).get(self._room)

    def _outbox(self, store: MeetingStore) -> StoreOutbox:
        return StoreOutbox(store.database, *self._queue)


def _held_in(room: str, archive: Archive, store: MeetingStore) -> str:
    """Id of a meeting that another process holds in this room now; empty where there is none."""
    return next((one.id for one in store.unended(room) if archive.is_running(one)), "")


def count_waiting(storage: Worker, broadcasts: Mapping[str, Broadcast]) -> dict[str, int]:
    """Messages of each room that its broker has not confirmed, from any thread but the event loop's.

    All are read at once, so that a slow disk is waited for once, whatever the number of rooms.

    Args:
        storage: the storage thread.
        broadcasts: by room, as is what is returned; rooms of which the store does not tell in time are left out.
    """

    def read() -> dict[str, int]:
        return {room: broadcast.waiting() for room, broadcast in broadcasts.items()}

    try:
        return storage.submit(read).result(_PATIENCE_SECONDS)
    except (StoreError, TimeoutError, queue.Full):
        return {}
