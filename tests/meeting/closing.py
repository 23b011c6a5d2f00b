"""Meetings that are closing, and commands beside them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.meeting.journal import MeetingJournal
from streamer.types import SAMPLE_RATE, MeetingEnded
from tests.meeting.kept import SETTINGS, begin
from tests.meeting.material import START, STARTED

ID = STARTED.meeting_id


def ended_but_open(data_dir: Path) -> MeetingJournal:
    """A meeting whose end is in the store, and whose process has not released it."""
    journal = begin(data_dir)
    journal.record(MeetingEnded(7 * SAMPLE_RATE, START + timedelta(seconds=7)))
    return journal


def titles(data_dir: Path) -> tuple[str, str, str]:
    """Title in the store, folder, first line of the minutes."""
    archive = Archive(data_dir)
    store = archive.open_store(SETTINGS)
    record = store.record(ID)
    store.close()
    head = (archive.meetings / record.folder / "minutes.md").read_text(encoding="utf-8").splitlines()[0]
    return record.title, record.folder.partition("_")[2].partition("_")[2], head


def streamer(data_dir: Path, *arguments: str) -> str:
    command = [*arguments, "--data-dir", str(data_dir)]
    return CliRunner().invoke(app, command, catch_exceptions=False, env={"LC_ALL": "C.UTF-8"}).output
