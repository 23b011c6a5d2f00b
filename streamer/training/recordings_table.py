"""A table of recordings: a heading, then a line for each sound, its file, seconds and text parted by tabs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamer.errors import SettingsError

_COLUMNS = 3


@dataclass(frozen=True, slots=True)
class TableRow:
    """One line of a table."""

    file: str
    """The sound file, counted from the table's folder."""
    text: str
    """What is said."""


def read_table(path: Path) -> list[TableRow]:
    """The lines below the heading; blank ones are skipped.

    Raises:
        SettingsError: the table is no UTF-8, has no heading, or a line has not three columns.
        OSError: it cannot be read.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError as error:
        raise SettingsError(f"{path} is no text in UTF-8 (byte {error.start}); save it as such") from error
    if not lines or not lines[0].startswith("file\t"):
        raise SettingsError(f"{path}, line 1: expected the heading file, seconds, text, parted by tabs")
    rows = []
    for number, line in enumerate(lines[1:], start=2):
        if not line.strip():
            continue
        columns = line.split("\t")
        if len(columns) != _COLUMNS:
            raise SettingsError(
                f"{path}, line {number}: expected file, seconds, text, parted by tabs; found {len(columns)} columns"
            )
        rows.append(TableRow(columns[0], columns[2]))
    return rows
