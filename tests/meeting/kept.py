"""Data folders with meetings in them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from streamer.archive.archive import Archive
from streamer.archive.books import write_minutes
from streamer.archive.journals import open_meeting
from streamer.meeting.journal import MeetingJournal
from streamer.settings import Settings, load_settings
from streamer.types import SAMPLE_RATE, MarkAdded, MeetingEnded, MeetingEvent
from tests.meeting.material import START, STARTED, final, frame

SETTINGS = load_settings(overrides={"store": {"piece_s": 5, "sync_ms": 1000}})
WEEKLY = (
    final(1, "大家好，开始周会。", 0.2, 1.8),
    final(2, "今年预算是20万。", 2, 3.6, "今年预算是二十万"),
    MarkAdded(int(3.8 * SAMPLE_RATE), START + timedelta(seconds=3.8), "预算"),
    final(3, "", 4, 4.4),
    final(4, "下周见。", 5, 6.2),
)
"""A meeting of seven seconds."""


def begin(data_dir: Path, *events: MeetingEvent, settings: Settings = SETTINGS, **started: object) -> MeetingJournal:
    """A running meeting with seven seconds of sound."""
    journal = open_meeting(settings, data_dir, replace(STARTED, **started))
    for number in range(350):
        journal.append(frame(number))
    for event in events or WEEKLY:
        journal.record(event)
    return journal


def hold(data_dir: Path, *events: MeetingEvent, settings: Settings = SETTINGS, **started: object) -> str:
    """A meeting from its beginning to its end, with its files; its id."""
    journal = begin(data_dir, *events, settings=settings, **started)
    journal.record(MeetingEnded(7 * SAMPLE_RATE, START + timedelta(seconds=7)))
    journal.close()
    archive = Archive(data_dir)
    store = archive.open_store(settings)
    write_minutes(archive, store, store.record(journal.meeting_id), settings)
    store.close()
    return journal.meeting_id


def folder_of(data_dir: Path, meeting_id: str = STARTED.meeting_id) -> Path:
    """The folder of a meeting."""
    archive = Archive(data_dir)
    store = archive.open_store(SETTINGS)
    try:
        return archive.folder(store.record(meeting_id))
    finally:
        store.close()
