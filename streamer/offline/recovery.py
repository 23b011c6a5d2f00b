"""Meetings whose process died: what is on disk but not final is decoded, and the meeting closed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from streamer.archive.archive import Archive, remove_sound, rename_folder
from streamer.archive.books import write_minutes
from streamer.archive.journals import recording_options
from streamer.audio.pieces import Piece, recorded_spans
from streamer.audio.recording import Recording
from streamer.errors import MissingDependencyError, PackError, RecognizerError, StoreError
from streamer.meeting.aside import aside_places, drop_aside, find_aside, read_aside
from streamer.meeting.journal import Announce
from streamer.meeting.locks import MeetingLock
from streamer.meeting.store import MeetingStore
from streamer.meeting.stretches import stretches
from streamer.minutes import Audio, MeetingRecord, moment_of
from streamer.offline.crew import open_crew
from streamer.offline.redecoding import Finalised
from streamer.offline.rehearing import (
    Progress,
    clock_of,
    hotwords_of,
    look_back,
    redecoder_of,
    resets_of,
    settings_of,
    told_sound,
)
from streamer.settings import Settings
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import (
    SAMPLE_RATE,
    FrameRun,
    GapFound,
    MarkAdded,
    MeetingEnded,
    MeetingEvent,
    MeetingPaused,
    MeetingResumed,
    Segment,
    SegmentFinalized,
)

logger = logging.getLogger(__name__)

Announcing = Callable[[int], Announce]
"""Makes what announces a meeting's captions after so many of its finals were announced."""


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What recovery found."""

    record: MeetingRecord
    """The meeting, closed."""
    recovered_s: float
    """Seconds of sound that were recorded but not final."""
    lines: int
    """Lines with text that were added."""
    put_back: int = 0
    """Lines with text that the store had refused while the meeting ran, and has now."""


def recover(  # noqa: PLR0913 - the optional ones are for a person who waits
    archive: Archive,
    store: MeetingStore,
    record: MeetingRecord,
    settings: Settings,
    *,
    instead: RecognizerSettings | None = None,
    progress: Progress | None = None,
    announcing: Announcing | None = None,
) -> RecoveryReport:
    """Decode what a meeting recorded after its last final, store each new final at once, close the meeting.

    What the store refused while the meeting ran, and was put aside, is put back first.
    Of one that had ended when its process died, only the files are completed.
    A recovery that is interrupted itself goes on where it was when it is run again.

    Args:
        archive: of the data folder.
        store: of the same folder.
        record: one of ``archive.unfinished(store)``.
        settings: of this run, for what the meeting's own do not say; see :func:`settings_of`.
        instead: what decodes where the meeting's own pack or runner is not here any more, or fails.
        progress: told how far it is.
        announcing: makes the messages for the outbox that go with events; asked when nobody else announces any.

    Raises:
        StoreError: the meeting runs or has ended, or its files cannot be read or written.
        PackError, RecognizerError, MissingDependencyError: its pack is not here, or fails, and so does that of
            ``instead``.
    """
    own = settings_of(record, settings)
    if record.ended_at is not None:
        return _completed(archive, store, record, own)
    with _held(MeetingLock(archive.running, record.id)):
        put_back = _put_back(archive, store, record)
        record = store.record(record.id)
        pieces = _whole_pieces(archive, record, own)
        if record.ended_at is not None:
            return RecoveryReport(_closed(archive, store, record, own), 0.0, 0, put_back)
        spans = recorded_spans(pieces)
        done = store.finals(record.id).until()
        end = max(done, spans[-1][1] if spans else 0)
        clock = clock_of(store, record)
        # Only now: what was put back counts, too.
        announce = announcing(store.announced(record.id)) if announcing is not None else None

        def add(event: MeetingEvent) -> None:
            store.add(record.id, [(event, announce(event) if announce is not None else ())])

        lines = 0
        if end > done:
            choices = [own, *([] if instead is None else [msgspec.structs.replace(own, recognizer=instead)])]
            read = partial(told_sound, pieces, progress, end)
            for segment in _decoded(store, record, choices, spans, read, announce):
                add(SegmentFinalized(segment))
                lines += bool(segment.text)
        elif done:
            _look_back_only(store, record, own, announce)
        add(MeetingEnded(end, clock.until(end)))
        return RecoveryReport(_closed(archive, store, record, own), (end - done) / SAMPLE_RATE, lines, put_back)


@contextmanager
def _held(lock: MeetingLock) -> Iterator[None]:
    """Give a lock back at the end. Where something fails its file stays: by that an ended meeting is found again."""
    try:
        yield
    except BaseException:
        lock.leave()
        raise
    lock.release()


def _completed(archive: Archive, store: MeetingStore, record: MeetingRecord, own: Settings) -> RecoveryReport:
    """The files of a meeting that had ended when its process died."""
    if not archive.is_unfinished(record):
        raise StoreError(f"meeting {record.id} has ended; `streamer meetings redo` decodes it again")
    with _held(archive.lock(record)):
        put_back = _put_back(archive, store, record)
        _whole_pieces(archive, record, own)
        return RecoveryReport(_closed(archive, store, record, own), 0.0, 0, put_back)


def _decoded(
    store: MeetingStore,
    record: MeetingRecord,
    choices: Sequence[Settings],
    spans: Sequence[tuple[int, int]],
    read: Callable[[int, int], Iterator[FrameRun]],
    announce: Announce | None,
) -> Iterator[Segment]:
    """What was said after the last final, each to be stored before the next; then all marks in hindsight.

    Where the models of the first settings fail, those of the next go on.
    """
    favoured = hotwords_of(store, record, choices[0])
    for number, chosen in enumerate(choices, start=1):
        try:
            with open_crew(chosen, favoured) as pack:
                parts, clock = stretches(spans, resets_of(store, record)), clock_of(store, record)
                yield from redecoder_of(pack, chosen).segments(read, parts, clock, _finalised(store, record))
                look_back(store, record, pack.recognition, announce=announce)
        except (PackError, RecognizerError, MissingDependencyError) as error:
            if number == len(choices):
                raise
            logger.warning("meeting %s is not recovered with its own models: %s", record.id, error)
        else:
            return


def _look_back_only(store: MeetingStore, record: MeetingRecord, own: Settings, announce: Announce | None) -> None:
    """The meeting's marks in hindsight; where its pack cannot be had, it is closed without: they are good enough."""
    try:
        with open_crew(own, hotwords_of(store, record, own)) as pack:
            look_back(store, record, pack.recognition, announce=announce)
    except (PackError, RecognizerError, MissingDependencyError) as error:
        logger.warning("the marks of meeting %s are not looked at once more: %s", record.id, error)


def _put_back(archive: Archive, store: MeetingStore, record: MeetingRecord) -> int:
    """Give the store what it refused while the meeting ran; lines with text among that."""
    places = aside_places(archive.folder(record))
    path = find_aside(record.id, places)
    if path is None:
        return 0
    waiting = tuple(read_aside(path))
    # All of it or nothing was stored: where the first is, a crash came before the file was deleted.
    is_stored = _has_any(store, record, [event for event, _ in waiting])
    if not is_stored:
        store.add(record.id, waiting)
    drop_aside(record.id, places)
    finals = [event.segment for event, _ in waiting if isinstance(event, SegmentFinalized)]
    return 0 if is_stored else sum(bool(one.text) for one in finals)


def _has_any(store: MeetingStore, record: MeetingRecord, events: Sequence[MeetingEvent]) -> bool:
    """Whether the store has one of these finals and moments."""
    ids = {event.segment.id for event in events if isinstance(event, SegmentFinalized)}
    moments = [
        moment_of(event) for event in events if isinstance(event, MarkAdded | GapFound | MeetingPaused | MeetingResumed)
    ]
    stored = store.moments(record.id)
    return not ids.isdisjoint(store.finals(record.id).ids()) or any(one in stored for one in moments)


def _finalised(store: MeetingStore, record: MeetingRecord) -> Finalised:
    finals = store.finals(record.id)
    return Finalised(
        until_sample=finals.until(),
        heard_until=finals.heard_until(),
        last_id=finals.last_id(),
        text_before=finals.text_before,
    )


def _whole_pieces(archive: Archive, record: MeetingRecord, settings: Settings) -> tuple[Piece, ...]:
    """What is recorded; pieces that the crash left raw are compressed."""
    options = recording_options(settings)
    if record.audio is not Audio.KEPT:
        options = replace(options, compress=False)
    recording = Recording(archive.audio(record), options)
    recording.close()
    return recording.pieces


def _closed(archive: Archive, store: MeetingStore, record: MeetingRecord, settings: Settings) -> MeetingRecord:
    """The meeting with its files as its own process leaves them: no passing sound, the title's folder, all minutes."""
    if record.audio is Audio.PASSING:
        remove_sound(archive, store, record)
    record = rename_folder(archive, store, store.record(record.id))
    write_minutes(archive, store, record, settings)
    return record
