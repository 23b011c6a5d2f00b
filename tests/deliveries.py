"""Meetings whose captions wait for a broker."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from streamer.announcing import CaptionAnnouncer
from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.interfaces import Journal
from streamer.meeting.store import MeetingStore
from streamer.settings import Settings, load_settings
from streamer.types import SAMPLE_RATE, MeetingEnded, SegmentRevised
from tests.meeting.material import START, STARTED, final

ENDED = MeetingEnded(7 * SAMPLE_RATE, START + timedelta(seconds=7))
NEXT = replace(STARTED, meeting_id="20261120T070000Z-12ab", started_at=START + timedelta(minutes=30))


def settings_for(port: int, **mqtt: object) -> Settings:
    return load_settings(overrides={"mqtt": {"url": f"mqtt://127.0.0.1:{port}/streamer", "timeout_s": 5, **mqtt}})


def hold(data_dir: Path, settings: Settings, *, started: object = STARTED) -> Journal:
    """A meeting with two finals that wait, the second without text; its journal is open."""
    assert isinstance(started, type(STARTED))
    announce = CaptionAnnouncer(settings.mqtt, started.room, started.meeting_id)
    journal = open_meeting(settings, data_dir, started, announce=announce)
    journal.record(final(3, "开始。", 1, 2))
    journal.record(final(4, "", 2, 3))
    return journal


@contextlib.contextmanager
def ended(data_dir: Path, settings: Settings) -> Iterator[tuple[Archive, MeetingStore]]:
    """A data folder with a meeting that has ended, as recovery leaves it."""
    hold(data_dir, settings).close()
    archive = Archive(data_dir)
    with contextlib.closing(archive.open_store(settings)) as store:
        store.add(STARTED.meeting_id, [(ENDED, ())])
        yield archive, store


def revise(store: MeetingStore, settings: Settings, *texts: str) -> None:
    """Give the first final other texts in hindsight, one after another."""
    announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id, 2)
    for revision, text in enumerate(texts, 4):
        revised = SegmentRevised(replace(final(3, text, 1, 2).segment, revision=revision, tokens=()))
        store.add(STARTED.meeting_id, [(revised, announce(revised))])
