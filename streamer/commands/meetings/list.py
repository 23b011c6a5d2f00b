"""``streamer meetings list``: the meetings that were kept."""

from __future__ import annotations

import contextlib
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from streamer.archive.archive import AUDIO
from streamer.archive.markers import MARKER, has_content
from streamer.audio.pieces import missing_of, pieces_of
from streamer.clock import iso_time
from streamer.commands.data_dir_option import DataDir, where_kept
from streamer.commands.meetings.access import Access, access, console, print_json
from streamer.commands.meetings.words import Words, words
from streamer.commands.options import AsJson, Config
from streamer.commands.waiting_captions import broker_of
from streamer.errors import StoreError
from streamer.lengths import length_of
from streamer.meeting.database import FILE_NAME
from streamer.minutes import Audio, MeetingRecord
from streamer.offline.rehearing import settings_of
from streamer.sinks.layout import columns_of
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE

_TITLE_CHARACTERS = 60
"""A longer title is cut in the table."""
_COLUMNS_FOR_ALL = 76
"""A narrower terminal has no room for every column and a title."""
_TITLE_COLUMNS = 10
"""Other columns leave so many to a longer title, which goes on below."""
_COLUMNS_BETWEEN = 3
"""Two columns of the table are so far apart."""


_Limit = Annotated[int | None, typer.Option("--limit", "-n", min=1, help="List so many of the newest at most.")]


def list_meetings(
    as_json: AsJson = False, data_dir: DataDir = None, config: Config = None, limit: _Limit = None
) -> None:
    """List meetings, the newest first."""
    spoken = words()
    with access(config, data_dir) as opened:
        folder = opened.archive.meetings
        where = where_kept(opened.settings, data_dir)
        records = opened.store.counted_records()
        listed = records[:limit]
        folders = opened.archive.folders(record for record, _ in listed)
        rows = [_row(opened, record, count, folders[record.id]) for record, count in listed]
        unfinished = [record for (record, _), row in zip(listed, rows, strict=True) if row["state"] == "unfinished"]
        told = _told_by_recovery(opened, unfinished)
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(_told_none(folder, spoken))
        return
    # Also those that are not listed: a command takes the end of an id for any of them.
    short, out = _short_ids([record.id for record, _ in records]), console()
    out.print(_table(rows, short, spoken, out.width))
    for record in unfinished:
        typer.echo(spoken.hint.format(id=short[record.id], where=where))
    if told:
        typer.echo(spoken.copy_hint.format(broker=printable(", ".join(told))))


def _row(opened: Access, record: MeetingRecord, lines: int, folder: Path) -> dict[str, Any]:
    running = opened.archive.is_running(record)
    reached = record.end_sample
    if reached is None:
        reached = max(opened.store.finals(record.id).until(), _recorded(folder / AUDIO))
    return {
        "id": record.id,
        "title": record.title,
        "started_at": iso_time(record.started_at),
        "local_start": iso_time(record.local_start),
        "seconds": round(reached / SAMPLE_RATE, 2),
        "lines": lines,
        "state": "running" if running else "unfinished" if opened.archive.is_unfinished(record) else "ended",
        "sound": str(record.audio),
        "sound_missing": _missing(folder / AUDIO, reached) if record.audio is Audio.KEPT else 0.0,
        "pack": record.pack,
        "folder": str(folder),
    }


def _told_by_recovery(opened: Access, records: list[MeetingRecord]) -> list[str]:
    """The brokers that are told when these meetings are recovered, each once."""
    urls = [settings_of(record, opened.settings).mqtt.url for record in records]
    return list(dict.fromkeys(broker_of(url) for url in urls if url))


def _recorded(folder: Path) -> int:
    """Samples that a meeting which has not ended has recorded; 0 where that cannot be told."""
    with contextlib.suppress(StoreError, OSError):  # whoever reads the sound says what is wrong with it
        return max((piece.end_sample for piece in pieces_of(folder)), default=0)
    return 0


def _missing(folder: Path, reached: int) -> float:
    """Seconds of a meeting's sound that are not recorded, or were taken away; 0 where that cannot be told."""
    with contextlib.suppress(StoreError, OSError):
        return missing_of(folder, reached)
    return 0.0


def _table(rows: list[dict[str, Any]], short: dict[str, str], spoken: Words, columns: int) -> Table:
    """The meetings, in a terminal of so many columns."""
    headings = (spoken.id, spoken.start, spoken.length, spoken.title, spoken.lines, spoken.sound, spoken.state)
    cells = {heading: [heading] for heading in headings}
    for row in rows:
        for heading, cell in zip(headings, (short[row["id"]], *_cells(row, spoken)), strict=True):
            cells[heading].append(cell)
    for heading in _left_out(cells, spoken, columns):
        del cells[heading]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in cells:
        is_title = heading == spoken.title
        table.add_column(heading, no_wrap=not is_title, overflow="fold" if is_title else "ellipsis")
    for texts in list(zip(*cells.values(), strict=True))[1:]:
        table.add_row(*map(Text, texts))
    return table


def _left_out(cells: dict[str, list[str]], spoken: Words, columns: int) -> list[str]:
    """The columns for which a terminal has no room beside an id, which is whole, and a title: what matters least."""
    if columns >= _COLUMNS_FOR_ALL:
        return []
    wide = {heading: max(map(columns_of, texts)) + _COLUMNS_BETWEEN for heading, texts in cells.items()}
    wide[spoken.title] = min(wide[spoken.title], _TITLE_COLUMNS + _COLUMNS_BETWEEN)
    out = [spoken.lines, spoken.sound]
    for heading in (spoken.length, spoken.state, spoken.start):
        # Half of what is between columns stands at both ends.
        if sum(wide[kept] for kept in cells if kept not in out) - 1 > columns:
            out.append(heading)
    return out


def _cells(row: dict[str, Any], spoken: Words) -> list[str]:
    states = {"running": spoken.running, "unfinished": spoken.unfinished, "ended": spoken.ended}
    sounds = {Audio.KEPT: spoken.kept, Audio.PASSING: spoken.passing, Audio.DELETED: spoken.deleted}
    return [
        f"{datetime.fromisoformat(row['local_start']):%Y-%m-%d %H:%M}",
        length_of(row["seconds"]),
        _cut(printable(row["title"])),
        str(row["lines"]),
        spoken.holed.format(seconds=row["sound_missing"]) if row["sound_missing"] else sounds[row["sound"]],
        states[row["state"]],
    ]


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_CHARACTERS else f"{title[: _TITLE_CHARACTERS - 1]}…"


def _told_none(folder: Path, spoken: Words) -> str:
    """That there are no meetings; or that there are, but the store was lost."""
    folders = sum(has_content(marker.parent) for marker in folder.glob(f"*/{MARKER}"))
    if not folders:
        return spoken.none.format(folder=printable(str(folder)))
    return spoken.store_lost.format(folder=printable(str(folder)), count=folders, store=FILE_NAME)


def _short_ids(ids: list[str]) -> dict[str, str]:
    """The end of each id, where it tells the meeting from all others."""
    ends = [identity.rpartition("-")[2] for identity in ids]
    lengths = {len(end) for end in ends}
    # In how many ids each part of these lengths is: to look for every end in every id took seconds of a year's rooms.
    holders = Counter(part for identity in ids for length in lengths for part in _parts(identity, length))
    return {identity: end if holders[end] == 1 else identity for identity, end in zip(ids, ends, strict=True)}


def _parts(identity: str, length: int) -> set[str]:
    return {identity[first : first + length] for first in range(len(identity) - length + 1)}
