"""How fast meetings are kept, found and written: ``python -m benchmarks.store [finals search export replay]``.

* ``finals``: durable finals a second: each with its sound synced before, and committed with ``synchronous=FULL``.
* ``search``: time of queries over 1,000 meetings of an hour (``--meetings``), which are made first: twenty as a meeting
  makes them, the others as copies of these in the tables. ``--folder`` keeps them for the next time.
* ``export``: time to write a meeting of four hours in every format.
* ``replay``: a meeting of four hours (``--hours``) through journal and minutes as fast as it goes: memory after ten
  minutes and at the end, what the minutes cost of a core, and the first updates of the text formats against the last,
  in time and in bytes that the files and the store are asked for (Linux).

Everything lies in a temporary folder of the current disk; sync times are those of that disk.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.made_up import SEGMENT_SECONDS, START, frames, segments, started
from benchmarks.replay import TARGETS, Replay
from streamer.archive.archive import Archive
from streamer.archive.exporting import EXPORTS, SOUNDS, export_meeting
from streamer.archive.journals import open_meeting
from streamer.meeting.database import Database
from streamer.meeting.index import spaced
from streamer.meeting.rows import stamp
from streamer.meeting.search import search
from streamer.settings import load_settings
from streamer.types import (
    SAMPLE_RATE,
    MeetingEnded,
    SegmentFinalized,
)

QUERIES = ("预", "的", "预算", "的是", "下周三", "二零二六", "没有人说过这句话")
"""Of one, two, three, four and more characters; 的 and 的是 stand in a fourth and in a hundredth of the lines."""
TEMPLATES = 20
"""Meetings that are made line by line."""
_RUNS = ("finals", "search", "export", "replay")
_COPIES_AT_ONCE = 20
_COPIED = "revision, start_sample, end_sample, started_at, text, spoken, confidence, end_reason, pack, tokens"


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    with tempfile.TemporaryDirectory(dir=options.disk) as scratch:
        folder = Path(scratch)
        runs: dict[str, Callable[[], dict[str, Any]]] = {
            "finals": lambda: finals(folder / "finals"),
            "search": lambda: searches(options.folder or folder / "search", options.meetings),
            "export": lambda: exports(folder / "export"),
            "replay": lambda: replay(folder / "replay", options.hours),
        }
        measured = {name: runs[name]() for name in options.what or runs}
    if options.json:
        print(json.dumps(measured, ensure_ascii=False))
        return
    for name, figures in measured.items():
        table = Table("figure", "value", "target", title=name, title_justify="left")
        for key, value in figures.items():
            table.add_row(key, _words(value), TARGETS.get(key, ""))
        Console(width=None if sys.stdout.isatty() else 100).print(table)


def finals(folder: Path, count: int = 500) -> dict[str, Any]:
    """Record finals, each after 100 ms of new sound."""
    journal = open_meeting(load_settings(), folder, started("finals"))
    sound, spoken = frames(10), segments(1)
    took = []
    for _ in range(count):
        for frame in itertools.islice(sound, 5):
            journal.append(frame)
        began = time.perf_counter()
        journal.record(SegmentFinalized(next(spoken)))
        took.append(time.perf_counter() - began)
    journal.close()
    return {"durable finals per second": round(count / sum(took), 1), "ms per final": _spread(took)}


def searches(folder: Path, meetings: int, templates: int = TEMPLATES) -> dict[str, Any]:
    """Search in many meetings of an hour; ``templates`` of them are made line by line."""
    archive = Archive(folder)
    store = archive.open_store(load_settings())
    began = time.perf_counter()
    for number in range(len(store.records()), min(meetings, templates)):
        meeting = f"{number:06d}"
        journal = open_meeting(load_settings(), folder, started(meeting, START + timedelta(hours=number)))
        lines = [(SegmentFinalized(one), ()) for one in itertools.islice(segments(number), 1000)]
        store.add(meeting, [*lines, (MeetingEnded(3600 * SAMPLE_RATE, START + timedelta(hours=number + 1)), ())])
        journal.close()
    _copy_meetings(store.database, templates, range(len(store.records()), meetings))
    figures: dict[str, Any] = {
        "meetings of an hour": meetings,
        "seconds to make the missing ones": round(time.perf_counter() - began, 1),
        "MB of the store": round((folder / "streamer.db").stat().st_size / 1e6),
    }
    for query in QUERIES:
        took = []
        for _ in range(21):
            began = time.perf_counter()
            hits = search(store.database, query, limit=20)
            took.append(time.perf_counter() - began)
        figures[f"ms for {query} ({len(hits)} hits)"] = _spread(took)
    began = time.perf_counter()
    store.counted_records()
    figures["ms for the list of all meetings"] = round((time.perf_counter() - began) * 1000, 1)
    store.close()
    return figures


def _copy_meetings(database: Database, templates: int, numbers: range) -> None:
    """Make meetings out of the templates, tables and index as if each had been held."""
    texts = _template_texts(database, templates)
    for begin in range(0, len(numbers), _COPIES_AT_ONCE):
        with database.transaction(durable=False) as connection:
            for number in numbers[begin : begin + _COPIES_AT_ONCE]:
                template, copy = f"{number % templates:06d}", f"{number:06d}"
                connection.execute(
                    "INSERT INTO meetings SELECT ?, title, room, device, pack, settings, program, ?, utc_offset_s, "
                    "?, audio, ended_at, end_sample, announced FROM meetings WHERE id = ?",
                    (copy, stamp(START + timedelta(hours=number)), copy, template),
                )
                offset = next(connection.execute("SELECT max(number) FROM segments"))[0]
                connection.execute(
                    f"INSERT INTO segments (number, meeting_id, id, {_COPIED}) SELECT ? + id, ?, id, {_COPIED} "  # noqa: S608
                    "FROM segments WHERE meeting_id = ? ORDER BY id",
                    (offset, copy, template),
                )
                connection.executemany(
                    "INSERT INTO spoken_and_written (rowid, written, spoken) VALUES (?, ?, ?)",
                    [(offset + line, written, spoken) for line, written, spoken in texts[template]],
                )


def _template_texts(database: Database, templates: int) -> dict[str, list[tuple[int, str, str]]]:
    """What the index holds of each template: line, written and spoken form."""
    texts: dict[str, list[tuple[int, str, str]]] = {}
    for meeting, line, written, spoken in database.rows(
        "SELECT meeting_id, id, text, spoken FROM segments WHERE meeting_id < ?", (f"{templates:06d}",)
    ):
        texts.setdefault(meeting, []).append((line, spaced(written), spaced(spoken)))
    return texts


def exports(folder: Path, hours: float = 4) -> dict[str, Any]:
    """Write one long meeting in every format; text formats from the store, no sound."""
    settings = load_settings()
    journal = open_meeting(settings, folder, started("export"))
    lines = itertools.islice(segments(1), int(hours * 3600 / SEGMENT_SECONDS))
    journal.store.add("export", [(SegmentFinalized(one), ()) for one in lines])
    journal.close()
    archive = Archive(folder)
    store = archive.open_store(settings)
    figures: dict[str, Any] = {}
    for name in EXPORTS:
        if name not in SOUNDS:
            began, worked = time.perf_counter(), time.process_time()
            path = export_meeting(archive, store, store.record("export"), settings, name, folder / "out")
            took = {"all": time.perf_counter() - began, "computing": time.process_time() - worked}
            key = f"seconds to {name} ({path.stat().st_size / 1e6:.1f} MB)"
            figures[key] = {part: round(seconds, 2) for part, seconds in took.items()}
    store.close()
    return figures


def replay(folder: Path, hours: float) -> dict[str, Any]:
    """A long meeting, its frames, finals and statuses through journal and minutes, on a clock that follows it."""
    return asyncio.run(Replay(folder, hours).run())


def _spread(seconds: list[float]) -> dict[str, float]:
    """Milliseconds."""
    ordered = sorted(seconds)
    return {
        "p50": round(ordered[len(ordered) // 2] * 1000, 1),
        "p95": round(ordered[int(len(ordered) * 0.95)] * 1000, 1),
    }


def _words(figure: Any) -> str:
    return ", ".join(f"{part} {one}" for part, one in figure.items()) if isinstance(figure, dict) else str(figure)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "what", nargs="*", choices=[*_RUNS, []], metavar="WHAT", help=f"{', '.join(_RUNS)}; default: all"
    )
    parser.add_argument("--meetings", type=int, default=1000)
    parser.add_argument("--hours", type=float, default=4)
    parser.add_argument("--folder", type=Path, help="data folder for search; kept")
    parser.add_argument("--disk", type=Path, help="folder on the disk to measure")
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
