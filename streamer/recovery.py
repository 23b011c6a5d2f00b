"""Meetings whose process died: what is on disk but not final is decoded, and the meeting closed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

import msgspec

from streamer.archive import Archive, remove_sound, rename_folder
from streamer.asr.hotword_watch import HotwordHistory, HotwordSource
from streamer.audio.pieces import Piece, pieces_of, recorded_runs, recorded_spans
from streamer.audio.recording import Recording
from streamer.books import write_minutes
from streamer.crew import CrewedPack, open_crew
from streamer.errors import StoreError
from streamer.journals import recording_options
from streamer.meeting.clock import MeetingClock
from streamer.meeting.edits import edited_ranges
from streamer.meeting.journal import Announce
from streamer.meeting.locks import MeetingLock
from streamer.meeting.store import RUNNING_IDS, MeetingStore
from streamer.meeting.stretches import stretches
from streamer.minutes import Audio, MeetingRecord, MomentKind
from streamer.pipeline import Recognition
from streamer.redecoding import Finalised, Redecoder
from streamer.settings import Settings
from streamer.text.hindsight import in_hindsight
from streamer.types import (
    SAMPLE_RATE,
    FrameRun,
    Gap,
    GapFound,
    MeetingEnded,
    MeetingEvent,
    MeetingResumed,
    Segment,
    SegmentFinalized,
    SegmentRevised,
)
from streamer.vad.webrtc import WebrtcDetector

Progress = Callable[[float, float], None]
"""Told now and then: seconds of sound done, and seconds in all."""


@dataclass(frozen=True, slots=True)
class RecoveryReport:
    """What recovery found."""

    record: MeetingRecord
    """The meeting, closed."""
    recovered_s: float
    """Seconds of sound that were recorded but not final."""
    lines: int
    """Lines with text that were added."""


def settings_of(record: MeetingRecord, otherwise: Settings) -> Settings:
    """The settings that a meeting was made with; where this streamer does not understand them, ``otherwise``."""
    try:
        return msgspec.json.decode(record.settings, type=Settings)
    except msgspec.MsgspecError:
        return otherwise


def recover(
    archive: Archive,
    store: MeetingStore,
    record: MeetingRecord,
    settings: Settings,
    *,
    progress: Progress | None = None,
    announce: Announce | None = None,
) -> RecoveryReport:
    """Decode what a meeting recorded after its last final, store each new final at once, close the meeting.

    Of one that had ended when its process died, only the files are completed.
    A recovery that is interrupted itself goes on where it was when it is run again.

    Args:
        archive: of the data folder.
        store: of the same folder.
        record: one of ``archive.unfinished(store)``.
        settings: of this run, for what the meeting's own do not say; see :func:`settings_of`.
        progress: told how far it is.
        announce: messages for the outbox that go with a final.

    Raises:
        StoreError: the meeting runs or has ended, or its files cannot be read or written.
        PackError, RecognizerError: its pack is not here, or fails.
    """
    own = settings_of(record, settings)
    if record.ended_at is not None:
        if not archive.is_unfinished(record):
            raise StoreError(f"meeting {record.id} has ended; `streamer meetings redo` decodes it again")
        with archive.released(record):
            _whole_pieces(archive, record, own)
            return RecoveryReport(_closed(archive, store, record, own), 0.0, 0)
    with ExitStack() as held:
        held.callback(MeetingLock(archive.running, record.id).release)
        pieces = _whole_pieces(archive, record, own)
        spans = recorded_spans(pieces)
        end = spans[-1][1] if spans else store.finalised_until(record.id)
        done = store.finalised_until(record.id)
        clock = clock_of(store, record)

        def add(event: MeetingEvent) -> None:
            store.add(record.id, [(event, announce(event) if announce is not None else ())])

        lines = 0
        if end > done:
            pack = held.enter_context(open_crew(own, _favoured(store, record, own)))
            redecoder = _redecoder(pack, own)
            parts = stretches(spans, _resets(store, record))
            read = partial(_told_sound, pieces, progress, end)
            for segment in redecoder.segments(read, parts, clock, _finalised(store, record)):
                add(SegmentFinalized(segment))
                lines += bool(segment.text)
            _look_back(store, record, pack.recognition)
        add(MeetingEnded(end, clock.until(end)))
        return RecoveryReport(_closed(archive, store, record, own), max(0, end - done) / SAMPLE_RATE, lines)


def redo(
    archive: Archive,
    store: MeetingStore,
    record: MeetingRecord,
    settings: Settings,
    *,
    progress: Progress | None = None,
) -> tuple[Segment, ...]:
    """Decode a meeting's recording again with these settings; what people edited keeps its ranges.

    Also while the meeting runs: then up to its last final.

    Returns:
        The new finals.

    Raises:
        StoreError: the meeting's sound is not kept, or its files cannot be read or written.
        PackError, RecognizerError: the pack is not here, or fails.
    """
    pieces = pieces_of(archive.audio(record))
    if record.audio is not Audio.KEPT or not pieces:
        raise StoreError(f"the sound of meeting {record.id} is not kept, so it cannot be decoded again")
    is_running = archive.is_running(record)
    with ExitStack() as held:
        if not is_running:
            held.enter_context(archive.released(record))
        upto = store.finalised_until(record.id) if is_running else None
        pack = held.enter_context(open_crew(settings))
        redecoder = _redecoder(pack, settings)
        owned = edited_ranges(store.database, record.id)
        parts = stretches(recorded_spans(pieces), _resets(store, record), owned, upto)
        read = partial(_told_sound, pieces, progress, parts[-1][1] if parts else 0)
        base = store.last_id(record.id)
        if is_running:
            base = (base // RUNNING_IDS + 1) * RUNNING_IDS
        found = tuple(
            replace(one, id=base + one.id) for one in redecoder.segments(read, parts, clock_of(store, record))
        )
        store.replace_segments(record.id, found, pack.label, upto)
        _look_back(store, record, pack.recognition, upto)
        record = store.record(record.id)
        if record.ended_at is not None:  # meanwhile, perhaps; a running meeting sees to its own minutes
            write_minutes(archive, store, record, settings_of(record, settings))
    return found


def clock_of(store: MeetingStore, record: MeetingRecord) -> MeetingClock:
    """The meeting's clock: where positions of its recording lie on the wall clock.

    Raises:
        StoreError: the store cannot be read.
    """
    clock = MeetingClock(record.started_at)
    for moment in store.moments(record.id):
        if moment.kind is MomentKind.GAP:
            clock.follow(GapFound(Gap(moment.at_sample, moment.at, moment.seconds, moment.text)))
        elif moment.kind is MomentKind.RESUME:
            clock.follow(MeetingResumed(moment.at_sample, moment.at))
    return clock


def _look_back(store: MeetingStore, record: MeetingRecord, recognition: Recognition, upto: int | None = None) -> None:
    """Punctuate the meeting's finals in hindsight, as the live meeting does; ``upto``: without those that end later."""
    if recognition.new_hindsight is not None:
        pairs = in_hindsight(store.finals(record.id, upto), recognition.new_hindsight())
        revised = [SegmentRevised(replace(now, tokens=())) for before, now in pairs if now is not before]
        store.add(record.id, [(event, ()) for event in revised])


def _finalised(store: MeetingStore, record: MeetingRecord) -> Finalised:
    return Finalised(
        until_sample=store.finalised_until(record.id),
        heard_until=store.heard_until(record.id),
        last_id=store.last_id(record.id),
        ids_by_start=store.final_starts(record.id),
        text_before=partial(store.text_before, record.id),
    )


def _favoured(store: MeetingStore, record: MeetingRecord, own: Settings) -> HotwordSource | None:
    """The hotwords as they changed while the meeting ran; None where they did not."""
    changes = store.hotword_changes(record.id)
    return HotwordHistory(own.hotwords, changes) if changes else None


def _resets(store: MeetingStore, record: MeetingRecord) -> list[int]:
    """Where the live meeting began with a new detector: after gaps and pauses."""
    return [moment.at_sample for moment in store.moments(record.id) if moment.kind is not MomentKind.MARK]


def _whole_pieces(archive: Archive, record: MeetingRecord, settings: Settings) -> tuple[Piece, ...]:
    """What is recorded; pieces that the crash left raw are compressed."""
    options = recording_options(settings)
    if record.audio is not Audio.KEPT:
        options = replace(options, compress=False)
    recording = Recording(archive.audio(record), options)
    recording.close()
    return recording.pieces


def _told_sound(
    pieces: tuple[Piece, ...], progress: Progress | None, end_sample: int, start: int, end: int
) -> Iterator[FrameRun]:
    """The sound between two positions; tells how far it is."""
    for run in recorded_runs(pieces, start, end):
        if progress is not None:
            progress(run.start_sample / SAMPLE_RATE, end_sample / SAMPLE_RATE)
        yield run


def _redecoder(pack: CrewedPack, settings: Settings) -> Redecoder:
    new_detector = partial(WebrtcDetector, settings.segmenter.vad_mode)
    return Redecoder(pack.recognition, new_detector, settings, pack.crew)


def _closed(archive: Archive, store: MeetingStore, record: MeetingRecord, settings: Settings) -> MeetingRecord:
    """The meeting with its files as its own process leaves them: no passing sound, the title's folder, all minutes."""
    if record.audio is Audio.PASSING:
        remove_sound(archive, store, record)
    record = rename_folder(archive, store, store.record(record.id))
    write_minutes(archive, store, record, settings)
    return record
