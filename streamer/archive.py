"""The archive: the data folder with its store, recordings and minutes, put together.

DATA_DIR/                          0700
├── streamer.db                    0600; see streamer/meeting/schema.py
├── running/ID.lock                held while a meeting runs
└── meetings/2026-11-20_1430_周会/
    ├── audio/000000000000.flac    see streamer/audio/pieces.py
    └── minutes.md, minutes.srt …  see streamer/sinks/minutes/
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec
import platformdirs

from streamer import __version__
from streamer.audio.links import AudioLinks
from streamer.audio.pieces import sync_folder
from streamer.audio.recording import Recording, RecordingOptions
from streamer.errors import SinkError, StoreError
from streamer.meeting.database import FILE_NAME, Database
from streamer.meeting.folders import meeting_folder
from streamer.meeting.journal import Announce, MeetingJournal
from streamer.meeting.locks import MeetingLock, is_locked
from streamer.meeting.store import MeetingDetails, MeetingStore
from streamer.meeting.stored import StoredMinutes
from streamer.minutes import Audio, MeetingRecord
from streamer.settings import Settings
from streamer.settings.hotwords import HotwordSettings
from streamer.sinks.minutes.book import Choose, MinutesBook
from streamer.sinks.minutes.files import check_formats
from streamer.sinks.minutes.sink import MinutesSink, OpenBook, StorageCalls
from streamer.text.fillers import entries_without_fillers
from streamer.types import SAMPLE_RATE, MeetingStarted

_MARKER = ".meeting"
"""File in a meeting's folder that holds the meeting's id."""

_CLOSING_SECONDS = 15.0
"""Longest wait for a meeting that is being closed: minutes and the last piece of sound take less."""

logger = logging.getLogger(__name__)


class Archive:
    """Paths of one data folder."""

    def __init__(self, data_dir: Path) -> None:
        """Create the folder where it is missing.

        Raises:
            StoreError: it cannot be created.
        """
        self.data_dir = data_dir
        try:
            for folder in (data_dir, self.meetings):
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                sync_folder(folder.parent)
        except OSError as error:
            raise StoreError(
                f"cannot create the data folder {data_dir}: {error.strerror}; make it writable, or name another "
                "with --data-dir"
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
        """A meeting's folder; found by its marker where a crash came between its renaming and the store's."""
        folder = self.meetings / record.folder
        if not folder.exists():
            for marker in self.meetings.glob(f"*/{_MARKER}"):
                if marker.read_text(encoding="utf-8") == record.id:
                    return marker.parent
        return folder

    def audio(self, record: MeetingRecord) -> Path:
        """Folder of a meeting's recording."""
        return self.folder(record) / "audio"

    def links(self, record: MeetingRecord) -> AudioLinks:
        """Finds the place of a position in a meeting's sound."""
        return AudioLinks(self.audio(record))

    def is_running(self, record: MeetingRecord) -> bool:
        """Whether a living process runs this meeting."""
        return record.ended_at is None and is_locked(self.running, record.id)

    @contextmanager
    def released(self, record: MeetingRecord) -> Iterator[None]:
        """Hold a meeting that nobody runs. Waits for a process that is still closing it: its files are not final.

        Raises:
            StoreError: another process goes on holding it.
        """
        lock = MeetingLock(self.running, record.id, patience_s=_CLOSING_SECONDS)
        try:
            yield
        finally:
            lock.release()

    def unfinished(self, store: MeetingStore) -> tuple[MeetingRecord, ...]:
        """The meetings that nobody ended and nobody runs, newest first.

        Raises:
            StoreError: the store cannot be read.
        """
        return tuple(one for one in store.records() if one.ended_at is None and not self.is_running(one))

    def open_store(self, settings: Settings) -> MeetingStore:
        """A connection of one's own; close it.

        Raises:
            StoreError: the store cannot be opened.
        """
        return MeetingStore(Database(self.data_dir / FILE_NAME, settings.store.busy_ms))


def data_folder(settings: Settings, data_dir: Path | None = None) -> Path:
    """Where meetings are kept: the command line's folder, else the configured one, else the user's own."""
    if data_dir is not None:
        return data_dir.expanduser().absolute()
    if settings.store.data_dir:
        return Path(settings.store.data_dir).expanduser().absolute()
    return platformdirs.user_data_path("streamer", appauthor=False)


def open_meeting(
    settings: Settings,
    data_dir: Path | None,
    started: MeetingStarted,
    *,
    announce: Announce | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> MeetingJournal:
    """Open a new meeting: its folder, its row in the store, its recording. Close the journal after the last sink.

    Args:
        settings: of the run; kept with the meeting, because recovery decodes with them.
        data_dir: as given on the command line; see :func:`data_folder`.
        started: the event that sinks see first.
        announce: messages for the outbox that go with an event, written in the same transaction.
        clock: seconds, monotonic.

    Raises:
        StoreError: the folder or the store cannot be created or written.
        SettingsError: the list of hotwords cannot be read.
    """
    archive = Archive(data_folder(settings, data_dir))
    with ExitStack() as owned:
        owned.callback(MeetingLock(archive.running, started.meeting_id).release)
        store = archive.open_store(settings)
        owned.callback(store.close)
        folder = _create_folder(archive, started)
        store.begin(started, _details(settings, started, folder))
        recording = Recording(folder / "audio", recording_options(settings), clock)
        return MeetingJournal(
            store,
            recording,
            started.meeting_id,
            keep_sound=settings.store.recording,
            announce=announce,
            on_close=partial(_close_meeting, archive, store, started.meeting_id, owned.pop_all()),
            clock=clock,
        )


def _close_meeting(archive: Archive, store: MeetingStore, meeting_id: str, owned: ExitStack) -> None:
    """The last thing a journal does: the folder follows a title that has changed, then store and lock are released."""
    with owned:
        rename_folder(archive, store, store.record(meeting_id))


def minutes_sink(settings: Settings, data_dir: Path | None, calls: StorageCalls) -> MinutesSink:
    """The sink that writes the minutes of whatever meeting starts; it needs no journal, only the same data folder.

    Args:
        settings: of the run.
        data_dir: as given on the command line.
        calls: the storage thread (``streamer.pipeline.worker.Worker`` is one).

    Raises:
        MissingDependencyError: a configured format needs a package that is not installed.
    """
    check_formats(settings.minutes)
    archive = Archive(data_folder(settings, data_dir))

    def open_book(meeting_id: str) -> OpenBook:
        store = archive.open_store(settings)
        try:
            record = store.record(meeting_id)
            source = StoredMinutes(store, meeting_id, archive.links(record))
            book = MinutesBook(source, archive.folder(record), settings.minutes, choose=shown_entries(settings))
            return OpenBook(book, store.close)
        except BaseException:
            store.close()
            raise

    return MinutesSink(calls, open_book)


def shown_entries(settings: Settings) -> Choose:
    """What minutes and exports show of a meeting's entries."""
    return iter if settings.text.fillers else entries_without_fillers


def write_minutes(archive: Archive, store: MeetingStore, record: MeetingRecord, settings: Settings) -> None:
    """Write all minutes files of a meeting anew, from the store.

    Raises:
        SinkError: the disk refuses.
        StoreError: the store cannot be read.
        MissingDependencyError: a configured format needs a package that is not installed.
    """
    source = StoredMinutes(store, record.id, archive.links(record))
    book = MinutesBook(source, archive.folder(record), settings.minutes, choose=shown_entries(settings))
    try:
        book.update(everything=True)
        book.close()
    except OSError as error:
        raise SinkError(f"the minutes in {archive.folder(record)} cannot be written: {error}") from error


def rename_folder(archive: Archive, store: MeetingStore, record: MeetingRecord) -> MeetingRecord:
    """Give a meeting's folder the name of its title; the meeting with its folder's new name.

    Raises:
        StoreError: the disk or the store refuses; where the folder cannot be renamed, it keeps its name.
    """
    for number in range(1, 1000):
        name = meeting_folder(record.local_start, record.title, number)
        if name == record.folder:
            return record
        target = archive.meetings / name
        if target.exists():
            continue
        try:
            archive.folder(record).rename(target)
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
    store.set_audio(record.id, Audio.DELETED)  # first, so that no link leads to what is gone
    try:
        shutil.rmtree(archive.audio(record), ignore_errors=False)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"cannot delete the recording {archive.audio(record)}: {error.strerror}") from error


def recording_options(settings: Settings) -> RecordingOptions:
    """How sound is kept under these settings; sound that is only passing is not compressed."""
    store = settings.store
    return RecordingOptions(
        piece_samples=store.piece_s * SAMPLE_RATE,
        sync_seconds=store.sync_ms / 1000,
        compress=store.compress and store.recording,
    )


def _details(settings: Settings, started: MeetingStarted, folder: Path) -> MeetingDetails:
    return MeetingDetails(
        folder=folder.name,
        audio=Audio.KEPT if settings.store.recording else Audio.PASSING,
        settings=msgspec.json.encode(_with_words(settings)).decode(),
        program=__version__,
        utc_offset_s=_utc_offset(started.started_at),
    )


def _with_words(settings: Settings) -> Settings:
    """The settings with their list of hotwords as it is now: recovery must not depend on what becomes of the file.

    Raises:
        SettingsError: the list cannot be read.
    """
    if not settings.hotwords.file:
        return settings
    from streamer.asr.hotword_watch import HotwordWatch, as_settings  # noqa: PLC0415 - most meetings have no list

    words = HotwordWatch(settings.hotwords).words
    return msgspec.structs.replace(settings, hotwords=HotwordSettings(words=as_settings(words)))


def _utc_offset(at: datetime) -> int:
    offset = at.astimezone().utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _create_folder(archive: Archive, started: MeetingStarted) -> Path:
    """Make a folder nobody else has, with one for the recording."""
    local = started.started_at.astimezone(UTC).astimezone()
    for number in range(1, 1000):
        folder = archive.meetings / meeting_folder(local, started.title, number)
        try:
            folder.mkdir(mode=0o700)
            (folder / "audio").mkdir(mode=0o700)
            _write_private(folder / _MARKER, started.meeting_id)
            sync_folder(folder)
            sync_folder(archive.meetings)
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(f"cannot create the meeting's folder {folder}: {error.strerror}") from error
        return folder
    raise StoreError(f"{archive.meetings} holds a thousand meetings of this minute and title; give another title")


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
