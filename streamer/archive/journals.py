"""The journal of a new meeting: its folder, its row in the store and its recording, opened together."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import msgspec

from streamer import __version__
from streamer.archive.archive import AUDIO, Archive, data_folder, make_audio_folder, rename_folder
from streamer.archive.markers import make_meeting_folder
from streamer.audio.recording import Recording
from streamer.audio.recording_options import RecordingOptions
from streamer.errors import SettingsError, StoreError
from streamer.meeting.aside import AsideFile, aside_places
from streamer.meeting.folders import meeting_folder
from streamer.meeting.fullness import fullness_told
from streamer.meeting.journal import Announce, MeetingJournal
from streamer.meeting.locks import MeetingLock
from streamer.meeting.store import MeetingDetails, MeetingStore
from streamer.minutes import Audio
from streamer.places import is_file, named
from streamer.settings import Settings
from streamer.settings.hotwords import HotwordSettings
from streamer.types import SAMPLE_RATE, MeetingStarted


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
        data_dir: as given on the command line; see :func:`~streamer.archive.archive.data_folder`.
        started: the event that sinks see first.
        announce: messages for the outbox that go with an event, written in the same transaction.
        clock: seconds, monotonic.

    Raises:
        StoreError: the folder or the store cannot be created or written.
    """
    archive = Archive(data_folder(settings, data_dir))
    with fullness_told(archive.data_dir), ExitStack() as owned:
        owned.callback(MeetingLock(archive.running, started.meeting_id).release)
        store = archive.open_store(settings)
        owned.callback(store.close)
        folder = _create_folder(archive, store, started)
        try:
            store.begin(started, _details(settings, started, folder))
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        find_folder = partial(archive.made_audio, store.record(started.meeting_id))
        recording = Recording(folder / AUDIO, recording_options(settings), clock, find_folder)
        return MeetingJournal(
            store,
            recording,
            started.meeting_id,
            keep_sound=settings.store.recording,
            announce=announce,
            aside=AsideFile(started.meeting_id, aside_places(folder)),
            on_close=partial(_close_meeting, archive, store, started.meeting_id, owned.pop_all()),
            clock=clock,
        )


def _close_meeting(archive: Archive, store: MeetingStore, meeting_id: str, owned: ExitStack) -> None:
    """The last thing a journal does: the folder follows a title that has changed, then store and lock are released."""
    with owned:
        record = store.record(meeting_id)
        if record.audio is Audio.PASSING:
            # Where sound that recovery needs is in it, it stays; where the disk refuses, an empty folder does.
            with contextlib.suppress(OSError):
                archive.audio(record).rmdir()
        rename_folder(archive, store, record)


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

    A list that was broken since the run began, or is a pipe that was read then, ends no meeting before it begins: those
    who recognise say so, and tell in an event which words they favour.
    """
    if not settings.hotwords.file:
        return settings
    from streamer.asr.hotword_watch import HotwordWatch, as_settings  # noqa: PLC0415 - most meetings have no list

    words = settings.hotwords.words
    if is_file(named(settings.hotwords.file)):
        with contextlib.suppress(SettingsError):
            words = as_settings(HotwordWatch(settings.hotwords).words)
    return msgspec.structs.replace(settings, hotwords=HotwordSettings(words=words))


def _utc_offset(at: datetime) -> int:
    offset = at.astimezone().utcoffset()
    return int(offset.total_seconds()) if offset is not None else 0


def _create_folder(archive: Archive, store: MeetingStore, started: MeetingStarted) -> Path:
    """Make a folder that no meeting has or had, with one for the recording."""
    local = started.started_at.astimezone(UTC).astimezone()
    for number in range(1, 1000):
        folder = archive.meetings / meeting_folder(local, started.title, number)
        if store.has_folder(folder.name):
            continue
        try:
            make_meeting_folder(folder, started.meeting_id)
            try:
                make_audio_folder(folder)
            except OSError:
                shutil.rmtree(folder, ignore_errors=True)
                raise
        except FileExistsError:
            continue
        except OSError as error:
            raise StoreError(f"cannot create the meeting's folder {folder}: {error.strerror}") from error
        return folder
    raise StoreError(f"{archive.meetings} holds a thousand meetings of this minute and title; give another title")
