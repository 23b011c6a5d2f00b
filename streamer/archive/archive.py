"""The archive: the data folder with its store, recordings and minutes, put together.

DATA_DIR/                          0700
├── streamer.db                    0600; see streamer/meeting/schema.py
├── running/ID.lock                held while a meeting runs
└── meetings/2026-11-20_1430_周会/
    ├── audio/000000000000.flac    see streamer/audio/pieces.py
    └── minutes.md, minutes.srt …  see streamer/sinks/minutes/
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from streamer.archive.markers import MARKER, free_folder, is_folder_of, make_meeting_folder, marked_folders
from streamer.audio.links import AudioLinks
from streamer.audio.pieces import sync_folder
from streamer.errors import StoreError
from streamer.meeting.database import FILE_NAME, Database
from streamer.meeting.folders import meeting_folder
from streamer.meeting.fullness import fullness_told
from streamer.meeting.locks import MeetingLock, is_left, is_locked, left_locks
from streamer.meeting.store import MeetingStore
from streamer.minutes import Audio, MeetingRecord
from streamer.places import anything_at, folder_at, named, own_data
from streamer.settings import Settings

AUDIO = "audio"
"""Folder of the recording in a meeting's folder."""

_CLOSING_SECONDS = 15.0
"""Longest wait for a meeting that is being closed: minutes and the last piece of sound take less."""


class Archive:
    """Paths of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        """Create the folder where it is missing.

        Raises:
            StoreError: it cannot be created, or not be looked into.
        """
        self.data_dir = data_dir
        try:
            for folder in (data_dir, self.meetings):
                if folder_at(folder):  # one that lies where it cannot be listed could not be synced
                    continue
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(folder.parent)
            anything_at(self.meetings / MARKER)  # whether they may be looked into: every command does
        except (FileExistsError, NotADirectoryError) as error:
            raise StoreError(
                f"cannot use the data folder {data_dir}: {error.filename} or what it lies in is a file; name a folder "
                "with --data-dir"
            ) from error
        except OSError as error:
            raise StoreError(
                f"cannot use the data folder {data_dir}: {error.strerror}; make it readable and writable, or name "
                "another with --data-dir"
            ) from error

    @property
    def meetings(self) -> Path:
        """Folder of the meetings' folders."""
        return self.data_dir / "meetings"

    @property
    def running(self) -> Path:
        """Folder of the locks."""
        return self.data_dir / "running"

    def folder(self, record: MeetingRecord) -> Path:
        """A meeting's folder; found by its marker where the store has another name for it.

        A crash may have come between its renaming and the store's, or somebody renamed it. What bears the name in the
        store and is marked as another meeting's is never given: where there is no other, a name that is free.
        """
        return self.folders((record,))[record.id]

    def folders(self, records: Iterable[MeetingRecord]) -> dict[str, Path]:
        """The same of many, by id: all markers are read once, however many folders somebody has moved away."""
        found = {record.id: self.meetings / record.folder for record in records}
        missing = {meeting_id for meeting_id, folder in found.items() if not is_folder_of(folder, meeting_id)}
        for folder, meeting_id in marked_folders(self.meetings) if missing else ():
            if meeting_id in missing:
                missing.remove(meeting_id)
                found[meeting_id] = folder
        return found | {meeting_id: free_folder(found[meeting_id]) for meeting_id in missing}

    def made_folder(self, record: MeetingRecord) -> Path:
        """A meeting's folder, made anew where it was deleted or moved away by hand: the text is in the store.

        Raises:
            OSError: the disk refuses.
        """
        folder = self.folder(record)
        if not folder_at(folder):
            make_meeting_folder(folder, record.id)
        return folder

    def made_audio(self, record: MeetingRecord) -> Path:
        """Folder of a meeting's recording, made anew likewise.

        Raises:
            OSError: the disk refuses.
        """
        return make_audio_folder(self.made_folder(record))

    def audio(self, record: MeetingRecord) -> Path:
        """Folder of a meeting's recording."""
        return self.folder(record) / AUDIO

    def links(self, record: MeetingRecord) -> AudioLinks:
        """Finds the place of a position in a meeting's sound."""
        return AudioLinks(self.audio(record))

    def is_running(self, record: MeetingRecord) -> bool:
        """Whether a living process runs this meeting."""
        return record.ended_at is None and is_locked(self.running, record.id)

    def lock(self, record: MeetingRecord) -> MeetingLock:
        """The lock of a meeting that nobody runs. Waits for a process that still closes it: its files are not final.

        Raises:
            StoreError: another process goes on holding it.
        """
        return MeetingLock(self.running, record.id, patience_s=_CLOSING_SECONDS)

    @contextmanager
    def released(self, record: MeetingRecord) -> Iterator[None]:
        """Hold the :meth:`lock` of a meeting that nobody runs.

        Raises:
            StoreError: another process goes on holding it.
        """
        lock = self.lock(record)
        try:
            yield
        finally:
            lock.release()

    def running_rooms(self, store: MeetingStore) -> frozenset[str]:
        """Rooms whose meetings living processes run.

        Raises:
            StoreError: the store cannot be read.
        """
        return frozenset(one.room for one in store.unended() if self.is_running(one))

    def unfinished(self, store: MeetingStore) -> tuple[MeetingRecord, ...]:
        """The meetings whose process died, newest first: before their end, or while it worked on their files later.

        Raises:
            StoreError: the store cannot be read.
        """
        interrupted = [one for one in store.unended() if not self.is_running(one)]
        cut_off = store.ended_records(left_locks(self.running))
        return tuple(sorted([*interrupted, *cut_off], key=lambda one: one.started_at, reverse=True))

    def is_unfinished(self, record: MeetingRecord) -> bool:
        """Whether :meth:`unfinished` names it."""
        if record.ended_at is None:
            return not self.is_running(record)
        return is_left(self.running, record.id)

    def open_store(self, settings: Settings) -> MeetingStore:
        """A connection of one's own; close it.

        Raises:
            StoreError: the store cannot be opened.
        """
        with fullness_told(self.data_dir):
            return MeetingStore(Database(self.data_dir / FILE_NAME, settings.store.busy_ms))


def data_folder(settings: Settings, data_dir: Path | None = None) -> Path:
    """Where meetings are kept: the command line's folder, else the configured one, else the user's own."""
    if data_dir is not None:
        return named(data_dir).absolute()
    if settings.store.data_dir:
        return named(settings.store.data_dir).absolute()
    return own_data()


def make_audio_folder(folder: Path) -> Path:
    """Make the folder of a recording in a meeting's folder, where it is missing.

    Raises:
        OSError: the disk refuses.
    """
    audio = folder / AUDIO
    audio.mkdir(mode=0o700, exist_ok=True)
    sync_folder(folder)
    return audio


def rename_folder(archive: Archive, store: MeetingStore, record: MeetingRecord) -> MeetingRecord:
    """Give a meeting's folder the name of its title; the meeting with its folder's new name.

    Raises:
        StoreError: the disk or the store refuses; where the folder cannot be renamed, it keeps its name.
    """
    folder = archive.folder(record)
    for number in range(1, 1000):
        name = meeting_folder(record.local_start, record.title, number)
        if name == record.folder:
            return record
        target = archive.meetings / name
        # A process that died may have renamed it, and not told the store.
        if target != folder and (anything_at(target) or store.has_folder(name)):
            continue
        try:
            archive.made_folder(record).rename(target)
            sync_folder(archive.meetings)
        except OSError as error:
            raise StoreError(f"cannot rename {archive.folder(record)} to {name}: {error.strerror}") from error
        store.set_folder(record.id, name)
        return replace(record, folder=name)
    raise StoreError(f"{archive.meetings} holds a thousand meetings of this minute and title; give another title")


def remove_sound(archive: Archive, store: MeetingStore, record: MeetingRecord) -> None:
    """Delete a meeting's recording; its text stays.

    Raises:
        StoreError: the disk or the store refuses.
    """
    try:
        shutil.rmtree(archive.audio(record), ignore_errors=False)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"cannot delete the recording {archive.audio(record)}: {error.strerror}") from error
    store.set_audio(record.id, Audio.DELETED)  # last: as long as something is left, it can be deleted again
