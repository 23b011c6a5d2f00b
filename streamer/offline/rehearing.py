"""What a kept meeting is decoded with once more: its settings, its hotwords, its clock, its cuts, its sound."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from streamer.asr.hotword_watch import HotwordHistory, HotwordSource
from streamer.audio.pieces import Piece, recorded_runs
from streamer.meeting.clock import MeetingClock
from streamer.meeting.journal import Announce
from streamer.meeting.store import MeetingStore
from streamer.minutes import MeetingRecord, MomentKind
from streamer.offline.crew import CrewedPack
from streamer.offline.redecoding import Redecoder
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.settings.kept import kept_settings
from streamer.text.hindsight import in_hindsight
from streamer.types import SAMPLE_RATE, FrameRun, Gap, GapFound, MeetingResumed, SegmentRevised
from streamer.vad.webrtc import WebrtcDetector

Progress = Callable[[float, float], None]
"""Told now and then: seconds of sound done, and seconds in all."""


def settings_of(record: MeetingRecord, otherwise: Settings) -> Settings:
    """The settings that a meeting was made with, as far as they are known here; ``otherwise`` where it has none."""
    kept = kept_settings(record.settings)
    return otherwise if kept is None else kept


def chosen_for(record: MeetingRecord) -> dict[str, Any]:
    """What a person chose for a meeting and wants of it later, too: its recogniser and its written form, as tables.

    The defaults where this streamer does not know a key of its settings. Not where utterances begin and end: what is
    stored of that are for the most part the defaults of the streamer that held it, which later ones have better.
    """
    own = settings_of(record, Settings())
    return {"recognizer": msgspec.to_builtins(own.recognizer), "text": msgspec.to_builtins(own.text)}


def hotwords_of(store: MeetingStore, record: MeetingRecord, own: Settings) -> HotwordSource | None:
    """The hotwords that the meeting was held with; None where it had none, or its settings are not understood.

    ``own``: the settings that it was made with.
    """
    changes = store.hotword_changes(record.id)
    is_kept = bool(own.hotwords.words) and not own.hotwords.file
    return HotwordHistory(own.hotwords, changes) if changes or is_kept else None


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


def redecoder_of(pack: CrewedPack, settings: Settings) -> Redecoder:
    """Decodes with these recognisers as a live meeting with these settings does."""
    new_detector = partial(WebrtcDetector, settings.segmenter.vad_mode)
    return Redecoder(pack.recognition, new_detector, settings, pack.crew)


def resets_of(store: MeetingStore, record: MeetingRecord) -> list[int]:
    """Where the live meeting began with a new detector: after gaps and pauses."""
    return [moment.at_sample for moment in store.moments(record.id) if moment.kind is not MomentKind.MARK]


def told_sound(
    pieces: tuple[Piece, ...], progress: Progress | None, end_sample: int, start: int, end: int
) -> Iterator[FrameRun]:
    """The sound between two positions; tells how far it is."""
    for run in recorded_runs(pieces, start, end):
        if progress is not None:
            progress(run.start_sample / SAMPLE_RATE, end_sample / SAMPLE_RATE)
        yield run


def look_back(
    store: MeetingStore,
    record: MeetingRecord,
    recognition: Recognition,
    upto: int | None = None,
    announce: Announce | None = None,
) -> None:
    """Punctuate the meeting's finals in hindsight, as the live meeting does.

    ``upto``: without those that end later. ``announce``: messages for the outbox.
    """
    if recognition.new_hindsight is not None:
        pairs = in_hindsight(store.finals(record.id).read(upto), recognition.new_hindsight())
        revised = [SegmentRevised(replace(now, tokens=())) for before, now in pairs if now is not before]
        store.add(record.id, [(event, announce(event) if announce is not None else ()) for event in revised])
