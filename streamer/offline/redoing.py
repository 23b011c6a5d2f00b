"""A kept meeting decoded again, with another pack or other settings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial

from streamer.archive.archive import Archive
from streamer.archive.books import write_minutes
from streamer.asr.hotword_watch import HotwordSource
from streamer.audio.pieces import pieces_of, recorded_spans
from streamer.errors import StoreError
from streamer.meeting.edits import edited_ranges
from streamer.meeting.finals import RUNNING_IDS
from streamer.meeting.store import MeetingStore
from streamer.meeting.stretches import stretches
from streamer.minutes import Audio, MeetingRecord
from streamer.offline.crew import open_crew
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
from streamer.types import Segment


@dataclass(frozen=True, slots=True)
class RedoReport:
    """What was decoded again."""

    segments: tuple[Segment, ...]
    """The new finals."""
    unrecorded: int
    """Lines with text that stay as they were, because their sound is missing."""
    edited: int
    """Lines with text that stay, because somebody wrote them."""


def redo(
    archive: Archive,
    store: MeetingStore,
    record: MeetingRecord,
    settings: Settings,
    *,
    progress: Progress | None = None,
) -> RedoReport:
    """Decode a meeting's recording again with these settings; what people edited keeps its ranges.

    So does what is not recorded (any more): it was heard while the disk was full, or its sound was taken away since.
    Hotwords are those of these settings, where these have none those that the meeting was held with.
    Also while the meeting runs: then up to its last final.

    Raises:
        StoreError: the meeting's sound is not kept, or its files cannot be read or written; or somebody edited other
            lines meanwhile, and nothing was changed.
        PackError, RecognizerError: the pack is not here, or fails.
    """
    pieces = pieces_of(archive.audio(record))
    if record.audio is not Audio.KEPT or not pieces:
        raise StoreError(f"the sound of meeting {record.id} is not kept, so it cannot be decoded again")
    is_running, finals = archive.is_running(record), store.finals(record.id)
    with ExitStack() as held:
        if not is_running:
            held.enter_context(archive.released(record))
        upto = finals.until() if is_running else None
        pack = held.enter_context(open_crew(settings, _favoured(store, record, settings)))
        redecoder = redecoder_of(pack, settings)
        spans = recorded_spans(pieces)
        unrecorded = [one for one in finals.read(upto) if not _is_recorded(one, spans)]
        edited = edited_ranges(store.database, record.id)
        owned = [*edited, *map(_range, unrecorded)]
        parts = stretches(spans, resets_of(store, record), owned, upto)
        read = partial(told_sound, pieces, progress, parts[-1][1] if parts else 0)
        base = finals.last_id()
        if is_running:
            base = (base // RUNNING_IDS + 1) * RUNNING_IDS
        found = tuple(
            replace(one, id=base + one.id) for one in redecoder.segments(read, parts, clock_of(store, record))
        )
        finals.replace(found, pack.label, upto, [one.id for one in unrecorded], edited)
        look_back(store, record, pack.recognition, upto)
        record = store.record(record.id)
        if record.ended_at is not None:  # meanwhile, perhaps; a running meeting sees to its own minutes
            write_minutes(archive, store, record, settings_of(record, settings))
        kept = sum(bool(line.text) and line.edited for line in store.lines(record.id))
    return RedoReport(found, sum(bool(one.text) and _range(one) not in edited for one in unrecorded), kept)


def _favoured(store: MeetingStore, record: MeetingRecord, settings: Settings) -> HotwordSource | None:
    """The meeting's own hotwords; None where the settings have others."""
    if settings.hotwords.words or settings.hotwords.file:
        return None
    return hotwords_of(store, record, settings_of(record, settings))


def _range(segment: Segment) -> tuple[int, int]:
    return segment.start_sample, segment.end_sample


def _is_recorded(segment: Segment, spans: Sequence[tuple[int, int]]) -> bool:
    """Whether all of its sound is there."""
    return any(start <= segment.start_sample and segment.end_sample <= end for start, end in spans)
