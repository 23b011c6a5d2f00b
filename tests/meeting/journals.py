"""Journals for tests."""

from __future__ import annotations

from pathlib import Path

from streamer.archive.journals import open_meeting
from streamer.meeting.journal import MeetingJournal
from streamer.settings import Settings, load_settings
from tests.meeting.material import STARTED, frame


def settings(**store: object) -> Settings:
    return load_settings(overrides={"store": store})


def open_journal(tmp_path: Path, **store: object) -> MeetingJournal:
    return open_meeting(settings(**store), tmp_path, STARTED)


def append(journal: MeetingJournal, seconds: float, start: float = 0) -> None:
    for number in range(int(start * 50), int((start + seconds) * 50)):
        journal.append(frame(number))
