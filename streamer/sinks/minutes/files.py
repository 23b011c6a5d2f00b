"""The files of one meeting's minutes, by format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Protocol

from streamer.errors import MissingDependencyError
from streamer.minutes import Line, MeetingRecord, Moment
from streamer.settings.minutes import FormatName, MinutesSettings
from streamer.sinks.minutes.docx import DocxFile, import_docx
from streamer.sinks.minutes.growing import GrowingFile
from streamer.sinks.minutes.json import JsonWriter
from streamer.sinks.minutes.labels import LABELS
from streamer.sinks.minutes.markdown import MarkdownWriter
from streamer.sinks.minutes.replacing import Replacing, keep_beside
from streamer.sinks.minutes.subtitles import SrtWriter, VttWriter, with_room
from streamer.sinks.minutes.text import TextWriter
from streamer.sinks.minutes.writer import MinutesWriter

SUFFIXES: dict[FormatName, str] = {
    "markdown": ".md", "txt": ".txt", "srt": ".srt", "vtt": ".vtt", "json": ".json", "docx": ".docx",
}  # fmt: skip
"""Ending of each format's file."""
SLOW: frozenset[FormatName] = frozenset({"json", "docx"})
"""Formats that are not written after each final."""
STEM = "minutes"
"""Name of the files without ending."""


class MinutesFile(Protocol):
    """One file of minutes. Readers see whole versions only."""

    def rewriting(
        self, record: MeetingRecord, summary: str, entries: Iterable[tuple[Line | Moment, str | None]]
    ) -> Iterator[None]:
        """Write it anew in steps: head, entries with the links to their sound, tail. Raises OSError."""

    def is_as_left(self) -> bool:
        """Whether it can be appended to: nobody else has written it since. Raises OSError."""

    def append(self, entries: Iterable[tuple[Line | Moment, str | None]]) -> None:
        """Add entries at the end. Raises OSError; then the file must be rewritten."""

    def close(self) -> None:
        """Make it durable, leave nothing hidden. Raises OSError."""


class WrittenFile:
    """A file that a :class:`MinutesWriter` writes piece by piece."""

    def __init__(self, path: Path, writer: MinutesWriter, replacing: Replacing = keep_beside) -> None:
        self._file = GrowingFile(path, replacing)
        self._writer = writer

    def rewriting(
        self, record: MeetingRecord, summary: str, entries: Iterable[tuple[Line | Moment, str | None]]
    ) -> Iterator[None]:
        """Write it anew in steps.

        Raises:
            OSError: the disk refuses; the version before stays.
        """
        parts = self._parts(record, summary, entries)
        return self._file.rewriting(parts, self._writer.tail)

    def is_as_left(self) -> bool:
        """Whether it can be appended to.

        Raises:
            OSError: it is not there, or cannot be looked at.
        """
        return self._file.is_as_left()

    def append(self, entries: Iterable[tuple[Line | Moment, str | None]]) -> None:
        """Add entries at the end.

        Raises:
            OSError: the disk refuses; the version before stays, and the file must be rewritten.
        """
        text = "".join(self._writer.entry(entry, link) for entry, link in entries)
        if text:
            self._file.append(text, self._writer.tail)

    def close(self) -> None:
        """Make it durable, leave nothing hidden.

        Raises:
            OSError: the disk refuses.
        """
        self._file.close()

    def _parts(
        self, record: MeetingRecord, summary: str, entries: Iterable[tuple[Line | Moment, str | None]]
    ) -> Iterable[str]:
        yield self._writer.head(record, summary)
        for entry, link in entries:
            yield self._writer.entry(entry, link)


class SubtitleFile(WrittenFile):
    """One whose lines share the time that there is."""

    def rewriting(
        self, record: MeetingRecord, summary: str, entries: Iterable[tuple[Line | Moment, str | None]]
    ) -> Iterator[None]:
        """Write it anew in steps, with the time that lines a person wrote have until what follows them.

        Raises:
            OSError: the disk refuses; the version before stays.
        """
        return super().rewriting(record, summary, with_room(entries, record.end_sample))


def check_formats(settings: MinutesSettings) -> None:
    """See that every format of the settings can be written.

    Raises:
        MissingDependencyError: one needs a package that is not installed.
    """
    if "docx" in settings.formats:
        try:
            import_docx()
        except MissingDependencyError as error:
            raise MissingDependencyError(f"{error}\nor leave docx out of [minutes] formats") from error


def open_file(
    name: FormatName, path: Path, settings: MinutesSettings, replacing: Replacing = keep_beside
) -> MinutesFile:
    """A file of this format; nothing is written yet. ``replacing``: told what somebody else wrote in its place.

    Raises:
        MissingDependencyError: the format needs a package that is not installed.
    """
    labels, doubt = LABELS[settings.language], settings.doubt_below
    match name:
        case "markdown":
            return WrittenFile(path, MarkdownWriter(labels, doubt), replacing)
        case "txt":
            return WrittenFile(path, TextWriter(labels, doubt), replacing)
        case "srt":
            return SubtitleFile(path, SrtWriter(), replacing)
        case "vtt":
            return SubtitleFile(path, VttWriter(), replacing)
        case "json":
            return WrittenFile(path, JsonWriter(doubt), replacing)
        case "docx":
            return DocxFile(path, labels, doubt, replacing)
