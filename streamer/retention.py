"""What is looked after before a meeting: sound that is deleted for its age or to make room, and unfinished meetings."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from streamer.archive import Archive, data_folder, remove_sound
from streamer.books import write_minutes
from streamer.errors import MissingDependencyError, SinkError, StoreError
from streamer.meeting.store import MeetingStore
from streamer.minutes import Audio, MeetingRecord
from streamer.settings import Settings
from streamer.settings.store import StoreSettings

logger = logging.getLogger(__name__)

GIB = 2**30
"""Bytes."""


@dataclass(frozen=True, slots=True)
class KeptSound:
    """A closed meeting with its sound."""

    record: MeetingRecord
    size_bytes: int
    """Of its files."""


def overdue(sounds: Iterable[KeptSound], settings: StoreSettings, now: datetime) -> tuple[KeptSound, ...]:
    """Those to be deleted, oldest first: older than ``audio_days``, then until the rest fits into ``audio_gib``."""
    oldest_first = sorted(sounds, key=lambda sound: sound.record.started_at)
    too_old = []
    if settings.audio_days:
        limit = now - timedelta(days=settings.audio_days)
        too_old = [sound for sound in oldest_first if sound.record.started_at < limit]
    rest = oldest_first[len(too_old) :]
    size = sum(sound.size_bytes for sound in rest)
    while settings.audio_gib and rest and size > settings.audio_gib * GIB:
        size -= rest[0].size_bytes
        too_old.append(rest.pop(0))
    return tuple(too_old)


def tidy_up(settings: Settings, data_dir: Path | None, now: datetime) -> tuple[MeetingRecord, ...]:
    """Look after a data folder before a meeting begins in it; the meetings that wait for ``streamer recover``.

    Raises:
        StoreError: the folder cannot be created, or the store cannot be read.
    """
    archive = Archive(data_folder(settings, data_dir))
    store = archive.open_store(settings)
    try:
        apply_retention(archive, store, settings, now)
        return archive.unfinished(store)
    finally:
        store.close()


def apply_retention(archive: Archive, store: MeetingStore, settings: Settings, now: datetime) -> int:
    """Delete the sound that is overdue; how many meetings lost theirs. Meetings that are not closed keep it.

    Raises:
        StoreError: the store cannot be read. A recording that cannot be deleted is logged and stays.
    """
    if not settings.store.audio_days and not settings.store.audio_gib:
        return 0
    closed = [one for one in store.records() if one.ended_at is not None and one.audio is Audio.KEPT]
    deleted = 0
    for sound in overdue((KeptSound(one, _size(archive.audio(one))) for one in closed), settings.store, now):
        try:
            remove_sound(archive, store, sound.record)
            write_minutes(archive, store, store.record(sound.record.id), settings)  # without links to what is gone
        except (StoreError, SinkError, MissingDependencyError) as error:
            logger.warning("%s", error)
        else:
            deleted += 1
    return deleted


def _size(folder: Path) -> int:
    """Bytes of its files; one that another process deletes or compresses meanwhile has none."""
    size = 0
    try:
        for path in folder.iterdir():
            with contextlib.suppress(FileNotFoundError):
                size += path.stat().st_size
    except FileNotFoundError:
        pass
    except OSError as error:
        logger.warning("the size of %s cannot be told: %s", folder, error.strerror)
    return size
