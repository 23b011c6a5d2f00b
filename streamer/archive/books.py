"""The minutes files of the archive's meetings: written while a meeting runs, or anew from the store."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamer.archive.archive import Archive, data_folder
from streamer.errors import SinkError
from streamer.meeting.store import MeetingStore
from streamer.meeting.stored import StoredMinutes
from streamer.minutes import MeetingRecord
from streamer.settings import Settings
from streamer.sinks.minutes.book import Choose, MinutesBook
from streamer.sinks.minutes.files import check_formats
from streamer.sinks.minutes.labels import LABELS
from streamer.sinks.minutes.sink import MinutesSink, OpenBook, StorageCalls
from streamer.text.fillers import entries_without_fillers


def minutes_sink(
    settings: Settings, data_dir: Path | None, calls: StorageCalls, clock: Callable[[], float] = time.monotonic
) -> MinutesSink:
    """The sink that writes the minutes of whatever meeting starts; it needs no journal, only the same data folder.

    Args:
        settings: of the run.
        data_dir: as given on the command line.
        calls: the storage thread (``streamer.pipeline.worker.Worker`` is one).
        clock: seconds, monotonic; asked from that thread too.

    Raises:
        MissingDependencyError: a configured format needs a package that is not installed.
    """
    check_formats(settings.minutes)
    archive = Archive(data_folder(settings, data_dir))

    def open_book(meeting_id: str) -> OpenBook:
        store = archive.open_store(settings)
        try:
            record = store.record(meeting_id)
            folder = archive.made_folder(record)
            source = StoredMinutes(store, meeting_id, archive.links(record), outdated(settings))
            book = MinutesBook(source, folder, settings.minutes, clock, shown_entries(settings))
            return OpenBook(book, store.close)
        except BaseException:
            store.close()
            raise

    return MinutesSink(calls, open_book, clock)


def shown_entries(settings: Settings) -> Choose:
    """What minutes and exports show of a meeting's entries."""
    return iter if settings.text.fillers else entries_without_fillers


def outdated(settings: Settings) -> str:
    """What minutes and exports say below a summary of text that has changed since."""
    return LABELS[settings.minutes.language].outdated


def write_minutes(archive: Archive, store: MeetingStore, record: MeetingRecord, settings: Settings) -> None:
    """Write all minutes files of a meeting anew, from the store.

    Raises:
        SinkError: the disk refuses.
        StoreError: the store cannot be read.
        MissingDependencyError: a configured format needs a package that is not installed.
    """
    source = StoredMinutes(store, record.id, archive.links(record), outdated(settings))
    try:
        book = MinutesBook(source, archive.made_folder(record), settings.minutes, choose=shown_entries(settings))
        book.update(everything=True)
        book.close()
    except OSError as error:
        raise SinkError(
            f"the minutes in {archive.folder(record)} cannot be written: {error.strerror or error}"
        ) from error
