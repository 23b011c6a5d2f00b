"""What a run says of captions that wait for brokers; apart from the command, whose tables cost a run 2 MB."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

from streamer.archive.archive import Archive, data_folder
from streamer.commands.data_dir_option import where_kept
from streamer.commands.meetings.words import words
from streamer.meeting.outbox import ANY_BROKER, waiting_queues
from streamer.settings import Settings
from streamer.sinks.printable import printable


def waiting_elsewhere(settings: Settings, data_dir: Path | None, rooms: Collection[str] | None = None) -> list[str]:
    """A sentence for each broker that captions wait for and that nobody sends them to.

    Args:
        settings: with the configured broker, which is sent to.
        data_dir: as given on the command line.
        rooms: whose captions are sent there, besides those of meetings that run now; None: of all rooms.

    Raises:
        StoreError: the store cannot be read.
        SettingsError: the configured address is wrong.
    """
    archive = Archive(data_folder(settings, data_dir))
    with contextlib.closing(archive.open_store(settings)) as store:
        queues = [queue for queue in waiting_queues(store.database) if queue.waiting and queue.broker != ANY_BROKER]
        if not queues:
            return []
        served = None if rooms is None else archive.running_rooms(store).union(rooms)
    from streamer.announcing import unserved  # noqa: PLC0415 - aiomqtt, only where it is wanted

    counts: dict[str, int] = {}
    for queue in queues:
        if place := unserved(queue, settings.mqtt.url, served):
            counts[place] = counts.get(place, 0) + queue.waiting
    where = where_kept(settings, data_dir)
    return [
        words().waits_elsewhere.format(count=count, broker=printable(broker), where=where)
        for broker, count in counts.items()
    ]


def broker_of(url: str) -> str:
    """The broker that an address names.

    Raises:
        SettingsError: it is wrong.
    """
    from streamer.sinks.mqtt.address import parse_address  # noqa: PLC0415 - aiomqtt, only where it is wanted

    return parse_address(url).broker
