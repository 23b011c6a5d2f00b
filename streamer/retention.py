"""What is looked after around a meeting: sound that is deleted for its age or to make room, and unfinished meetings."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from streamer.archive.archive import AUDIO, Archive, data_folder, remove_sound
from streamer.archive.books import write_minutes
from streamer.errors import MissingDependencyError, SinkError, StoreError, StreamerError
from streamer.meeting.store import MeetingStore
from streamer.minutes import Audio, MeetingRecord
from streamer.places import is_folder
from streamer.settings import Settings
from streamer.settings.store import StoreSettings

logger = logging.getLogger(__name__)

GIB = 2**30
"""Bytes."""
_FIRST = datetime(2026, 1, 1, tzinfo=UTC)
"""Nobody had streamer before."""
_OWED_NAME = "minutes-to-write"
"""File in the data folder: ids of meetings whose minutes lead to sound that is gone, a line each."""


@dataclass(frozen=True, slots=True)
class KeptSound:
    """A closed meeting with its sound."""

    record: MeetingRecord
    size_bytes: int
    """Of its files."""


def overdue(sounds: Iterable[KeptSound], settings: StoreSettings, now: datetime) -> tuple[KeptSound, ...]:
    """Those to be deleted, oldest first: older than ``audio_days``, then until the rest fits into ``audio_gib``.

    Those whose age nobody knows come last, and are never too old.
    """
    oldest_first = sorted(sounds, key=lambda sound: (not _is_dated(sound.record), _held_at(sound.record)))
    too_old = []
    if settings.audio_days:
        seconds = settings.audio_days * 86_400  # of any number of days: no calendar goes back that far
        too_old = [
            sound
            for sound in oldest_first
            if _is_dated(sound.record) and (now - _held_at(sound.record)).total_seconds() > seconds
        ]
    rest = oldest_first[len(too_old) :]
    size = sum(sound.size_bytes for sound in rest)
    while settings.audio_gib and rest and size > settings.audio_gib * GIB:
        size -= rest[0].size_bytes
        too_old.append(rest.pop(0))
    return tuple(too_old)


def _is_dated(record: MeetingRecord) -> bool:
    """Whether the computer knew the date: one without a battery begins in 1970 until the net tells it the time."""
    return _held_at(record) >= _FIRST


def _held_at(record: MeetingRecord) -> datetime:
    """When a meeting was held, by its end: a computer's clock may have been years behind when it began."""
    return max(record.started_at, record.ended_at or record.started_at)


def unfinished_meetings(settings: Settings, data_dir: Path | None) -> tuple[MeetingRecord, ...]:
    """The meetings that wait for ``streamer recover``.

    Raises:
        StoreError: the folder cannot be created, or the store cannot be read.
    """
    archive = Archive(data_folder(settings, data_dir))
    with contextlib.closing(archive.open_store(settings)) as store:
        return archive.unfinished(store)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of the sound that was overdue."""

    count: int
    """Of recordings that were deleted."""
    silent: tuple[str, ...]
    """Ids of meetings whose minutes still lead to sound that is gone, also that of earlier runs."""


@contextlib.contextmanager
def overdue_sound_gone(settings: Settings, data_dir: Path | None, now: datetime) -> Iterator[Deletion]:
    """Around a run: sound that is overdue is deleted before, and minutes lose their links to it after it.

    Where it is left at once, as by a second Ctrl-C, after the next one.

    Raises:
        StoreError: the store cannot be read.
    """
    deletion = delete_overdue(settings, data_dir, now)
    try:
        yield deletion
    except StreamerError:
        write_without_sound(settings, data_dir, deletion.silent)
        raise
    write_without_sound(settings, data_dir, deletion.silent)


def delete_overdue(settings: Settings, data_dir: Path | None, now: datetime) -> Deletion:
    """Delete the sound that is overdue, of meetings that are closed.

    Quick, for a meeting waits to begin: the minutes are for :func:`write_without_sound`, when it has ended.

    Raises:
        StoreError: the store cannot be read. A recording that cannot be deleted is logged and stays.
    """
    archive = Archive(data_folder(settings, data_dir))
    owed = _owed(archive)
    if not settings.store.audio_days and not settings.store.audio_gib:
        return Deletion(0, owed)
    with contextlib.closing(archive.open_store(settings)) as store:
        closed = [one for one in store.records() if one.ended_at is not None and one.audio is Audio.KEPT]
        folders = archive.folders(closed)
        sounds = (KeptSound(one, _size(folders[one.id] / AUDIO)) for one in closed)
        doomed = [sound.record for sound in overdue(sounds, settings.store, now)]
        # Where a folder was moved away there is nothing to put right, and nothing is to be put in its place.
        there = [one.id for one in doomed if is_folder(folders[one.id])]
        is_noted = _note_owed(archive, (*owed, *there))
        silent = set(owed)
        for record in doomed:
            try:
                remove_sound(archive, store, record)
            except StoreError as error:
                logger.warning("%s", error)
            else:
                silent.add(record.id)
    if not is_noted:  # on a disk that was full there is room now
        _note_owed(archive, (*owed, *there))
    count = sum(one in silent for one in there)
    return Deletion(count, tuple(one for one in dict.fromkeys((*owed, *there)) if one in silent))


def write_without_sound(settings: Settings, data_dir: Path | None, meetings: Collection[str]) -> None:
    """Write minutes anew, without links to sound that is gone; what the disk refuses is logged. Half a second each."""
    if not meetings:
        return
    archive, settled = Archive(data_folder(settings, data_dir)), set()
    try:
        with contextlib.closing(archive.open_store(settings)) as store:
            for meeting in meetings:
                if _is_settled(archive, store, meeting, settings):
                    settled.add(meeting)
    except StoreError as error:
        logger.warning("minutes that lead to sound that is gone: %d (%s)", len(meetings), error)
    # Read again: another run may owe some by now, and a disk that was full may have kept ours from being noted.
    _note_owed(archive, [one for one in (*_owed(archive), *meetings) if one not in settled])


def _is_settled(archive: Archive, store: MeetingStore, meeting: str, settings: Settings) -> bool:
    """Write minutes without sound; whether that need not be tried again."""
    from streamer.offline.rehearing import settings_of  # noqa: PLC0415 - all that hears again, not before a meeting begins

    try:
        record = store.record(meeting)
    except StoreError as error:  # it was deleted meanwhile
        logger.warning("%s", error)
        return True
    try:
        if is_folder(archive.folder(record)):
            write_minutes(archive, store, record, settings_of(record, settings))
    except (StoreError, SinkError, MissingDependencyError) as error:
        logger.warning("%s", error)
        return False
    return True


def _owed(archive: Archive) -> tuple[str, ...]:
    """Ids of meetings whose minutes lead to sound that is gone, as they were noted."""
    try:
        return tuple((archive.data_dir / _OWED_NAME).read_text(encoding="utf-8").split())
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        logger.warning("minutes that lead to sound that is gone are not known: %s", error)
        return ()


def _note_owed(archive: Archive, meetings: Collection[str]) -> bool:
    """Note them before the sound goes: a run may be left at once. Whether the disk took it; why not is logged."""
    path = archive.data_dir / _OWED_NAME
    try:
        if not meetings:
            path.unlink(missing_ok=True)
            return True
        part = path.with_suffix(".part")
        part.write_text("".join(f"{one}\n" for one in dict.fromkeys(meetings)), encoding="utf-8")
        part.replace(path)
    except OSError as error:
        logger.warning("minutes that lead to sound that is gone cannot be noted: %s", error)
        return False
    return True


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
