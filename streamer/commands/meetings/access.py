"""How the meeting commands reach the store, and how they print."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn

from streamer.archive.archive import Archive, data_folder
from streamer.archive.books import write_minutes
from streamer.commands.data_dir_option import as_given
from streamer.commands.meetings.choice import chosen_meeting
from streamer.commands.time_left import TimeLeftColumn
from streamer.errors import SettingsError, SinkError, StoreError
from streamer.meeting.store import MeetingStore
from streamer.minutes import MeetingRecord
from streamer.offline.rehearing import Progress as Told
from streamer.offline.rehearing import settings_of
from streamer.places import folder_at
from streamer.settings import Settings, load_settings
from streamer.sinks.printable import printable
from streamer.summary.values import SummaryLine

_WIDE = 10_000
"""Columns where no terminal limits them: lines for programs are not wrapped."""


@dataclass(frozen=True, slots=True)
class Access:
    """The data folder, opened."""

    settings: Settings
    archive: Archive
    store: MeetingStore

    def find(self, name: str, *, changes: bool = False) -> MeetingRecord:
        """The meeting that a person means, perhaps to change it; see :func:`chosen_meeting`.

        Raises:
            StoreError: there is none, or more than one.
        """
        records = self.store.records()
        if not records:
            raise StoreError(f"there are no meetings in {self.archive.data_dir}")
        return chosen_meeting(records, name, changes=changes)

    def spoken(self, record: MeetingRecord) -> list[SummaryLine]:
        """The lines that a summary rests on, each with its time as it is shown.

        Raises:
            StoreError: the store cannot be read.
        """
        return [
            SummaryLine(line.segment_id, record.told_time(line.started_at), line.text)
            for line in self.store.lines(record.id)
            if line.text
        ]


@contextmanager
def access(config: Path | None, data_dir: Path | None, overrides: dict[str, Any] | None = None) -> Iterator[Access]:
    """Open the data folder of the settings.

    Raises:
        SettingsError: the configuration is wrong, or the folder that was named on the command line does not exist.
        StoreError: the store cannot be opened.
    """
    settings = load_settings(config, overrides)
    folder = data_folder(settings, data_dir)
    with suppress(OSError):  # whoever opens it says why it cannot be used
        if data_dir is not None and not folder_at(folder):  # most likely mistyped: an empty archive would hide that
            raise SettingsError(f"there is no folder {folder}: --data-dir must name one that holds meetings")
    archive = Archive(folder)
    store = archive.open_store(settings)
    try:
        yield Access(settings, archive, store)
    finally:
        store.close()


def refresh_files(opened: Access, record: MeetingRecord) -> None:
    """Bring a meeting's files up to date; while it runs, its own process does so within a minute.

    Raises:
        SinkError: the disk refuses.
        StoreError: the store cannot be read, or another process goes on working on the meeting.
    """
    if record.ended_at is None:
        return
    stored = "what was changed is stored all the same"
    try:
        with opened.archive.released(record):
            record = opened.store.record(record.id)
            write_minutes(opened.archive, opened.store, record, settings_of(record, opened.settings))
    except SinkError as error:
        where = as_given(opened.archive.data_dir)
        raise SinkError(
            f"{error}; {stored}: `streamer meetings export {record.id}{where} --out FOLDER` writes it elsewhere, and "
            "the next change writes the minutes once that is mended"
        ) from error
    except StoreError as error:
        raise StoreError(f"{error}; {stored}, and the next change writes the minutes") from error


def console() -> Console:
    """Standard output, in the terminal's width or unwrapped."""
    return Console(width=None if sys.stdout.isatty() else _WIDE, markup=False, highlight=False, emoji=False)


def print_json(value: object) -> None:
    """Print a value as JSON that is harmless on a terminal too, and whole where its encoding lacks a character."""
    typer.echo(harmless(json.dumps(value, ensure_ascii=False, indent=2)))


def harmless(text: str) -> str:
    """JSON in which what a terminal would obey or lacks is escaped; line breaks stay."""
    odd = [one for one in set(text) if one != "\n" and not _is_shown(one)]
    return text.translate({ord(one): json.dumps(one)[1:-1] for one in odd})


def _is_shown(character: str) -> bool:
    return printable(character) == character and bool(character.encode(sys.stdout.encoding, "ignore"))


@contextmanager
def told(label: str) -> Iterator[Told]:
    """A progress bar on standard error, if that is a terminal."""
    stderr = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TimeLeftColumn(),
        console=stderr,
        transient=True,
        disable=not stderr.is_terminal,
    )
    with bar:
        task = bar.add_task(label, total=None)

        def tell(done: float, total: float) -> None:
            bar.update(task, completed=done, total=total)

        yield tell
