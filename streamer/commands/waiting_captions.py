"""What a run says of captions that wait for brokers; apart from the command, whose tables cost a run 2 MB."""

from __future__ import annotations

import contextlib
from pathlib import Path

from streamer.archive import Archive, data_folder
from streamer.commands.data_dir_option import where_kept
from streamer.commands.meeting_words import words
from streamer.meeting.outbox import ANY_BROKER, waiting_queues
from streamer.settings import Settings
from streamer.sinks.printable import printable


def waiting_elsewhere(settings: Settings, data_dir: Path | None) -> list[str]:
    """A sentence for each broker that captions wait for, other than the configured one.

    Raises:
        StoreError: the store cannot be read.
        SettingsError: the configured address is wrong.
    """
    archive = Archive(data_folder(settings, data_dir))
    with contextlib.closing(archive.open_store(settings)) as store:
        queues = waiting_queues(store.database)
    counts: dict[str, int] = {}
    for queue in queues:
        counts[queue.broker] = counts.get(queue.broker, 0) + queue.waiting
    if not any(counts.values()):
        return []
    configured = broker_of(settings.mqtt.url) if settings.mqtt.url else None
    where = where_kept(settings, data_dir)
    return [
        words().waits_elsewhere.format(count=count, broker=printable(broker), where=where)
        for broker, count in counts.items()
        if count and broker not in (configured, ANY_BROKER)
    ]


def broker_of(url: str) -> str:
    """The broker that an address names.

    Raises:
        SettingsError: it is wrong.
    """
    from streamer.sinks.mqtt.address import parse_address  # noqa: PLC0415 - aiomqtt, only where it is wanted

    return parse_address(url).broker
