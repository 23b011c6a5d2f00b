"""``streamer meetings export``: a meeting as files, or a piece of its sound."""

from __future__ import annotations

import math
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer

from streamer.archive.exporting import ENDINGS, EXPORTS_TOLD, SOUNDS, Excerpt, check_exports, export_meeting
from streamer.audio.pieces import missing_seconds, pieces_of, recorded_spans
from streamer.commands.data_dir_option import DataDir
from streamer.commands.meetings.access import Access, access, print_json
from streamer.commands.meetings.choice import MeetingId
from streamer.commands.meetings.words import words
from streamer.commands.options import AsJson, Config
from streamer.commands.typed import in_ascii, typed_names
from streamer.errors import MissingDependencyError, SettingsError, SinkError, StoreError, together
from streamer.minutes import MeetingRecord
from streamer.offline.rehearing import clock_of
from streamer.places import is_folder
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE

_To = Annotated[
    str | None,
    typer.Option(
        "--to",
        metavar="FORMATS",
        help=f"One or more of {EXPORTS_TOLD}; commas between. Default: markdown, with --at wav.",
        show_default=False,
    ),
]
_Out = Annotated[
    Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go; default: here.", readable=False)
]
_At = Annotated[
    str | None,
    typer.Option(
        "--at",
        metavar="TIME",
        help="Only the sound around this time, as `show` prints it (16:21:31; a date may precede), or as JSON has it.",
    ),
]
_Around = Annotated[
    float | None,
    typer.Option("--around", metavar="SECONDS", min=0.1, max=86_400, help="How much before and after it; default: 30."),
]

_AROUND_SECONDS = 30.0
_TIMES = ("%H:%M:%S", "%H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M")


@dataclass(slots=True)
class _Exported:
    """What became of an export."""

    paths: list[Path] = field(default_factory=list)
    missing_s: float = 0.0
    """Seconds of sound that are silent in what was written, because the recording lacks them."""
    failures: list[MissingDependencyError | SinkError | StoreError] = field(default_factory=list)


def export(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    meeting: MeetingId,
    to: _To = None,
    out: _Out = Path(),
    at: _At = None,
    around: _Around = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Write a meeting to files: minutes in any format, its sound as one file, or the sound around a moment."""
    spoken = words()
    if to is None:
        to = "markdown" if at is None else "wav"
    names = check_exports(typed_names(to))
    if at is None and around is not None:
        raise SettingsError("--around needs --at: the time around which sound is cut out")
    texts = [name for name in names if name not in SOUNDS]
    if at is not None and texts:
        expected = " or ".join(SOUNDS)
        raise SettingsError(f"--at takes a piece out of the sound: expected --to {expected}, got {', '.join(texts)}")
    if out.suffix.lower() in ENDINGS and not is_folder(out):  # most likely the file that somebody wants to have
        name = printable(str(out))
        raise SettingsError(
            f"--out {name}: expected a folder: files are named after the meeting; formats are chosen with --to"
        )
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        excerpt = None if at is None else _excerpt(opened, record, at, around or _AROUND_SECONDS)
        exported = _export(opened, record, names, out, excerpt)
    if as_json:
        print_json([str(path) for path in exported.paths])
    else:
        for path in exported.paths:
            typer.echo(spoken.exported.format(path=printable(str(path))))
    if exported.missing_s:
        typer.echo(spoken.sound_missing.format(seconds=f"{exported.missing_s:.1f}"), err=True)
    if failures := exported.failures:
        raise together(failures) from failures[0]  # a folder that cannot be made is no format's fault: told once


def _excerpt(opened: Access, record: MeetingRecord, at: str, around_s: float) -> Excerpt:
    """The stretch of sound around a time.

    Raises:
        SettingsError: that is no time, or not one of the meeting, or the seconds are no number.
        StoreError: the sound is not kept.
    """
    if math.isnan(around_s):  # which no range leaves out
        raise SettingsError("--around nan is no number of seconds")
    clock = clock_of(opened.store, record)
    spans = recorded_spans(pieces_of(opened.archive.audio(record)))
    if not spans:
        raise StoreError(f"the sound of meeting {record.id} is not kept")
    when, end = _time(record, at), clock.until(spans[-1][1])
    if record.is_before(when) or when > end:
        begin = record.told_time(record.started_at)
        if record.local(when).date() != record.local_start.date():
            begin = f"{record.local_start:%Y-%m-%d} {begin}"  # the time may be right, and the day not
        told = f"its sound goes from {begin} to {record.told_time(end)}"
        raise SettingsError(f"{at} is not in the meeting: {told}")
    middle, side = clock.position(when), round(around_s * SAMPLE_RATE)
    first, last = max(0, middle - side), min(spans[-1][1], middle + side)
    if not any(start < last and first < end for start, end in spans):
        raise StoreError(
            f"no sound is recorded within {around_s:g} s of {at}: the disk refused it, or it was taken away"
        )
    # 2026-11-21_001500 where that is not the day of the beginning, whose date the name of the file has already.
    name = record.told_time(when).replace(":", "").replace(" ", "_")
    return Excerpt(first, last, f"{name}_{around_s:g}s")


def _export(opened: Access, record: MeetingRecord, names: list[str], out: Path, excerpt: Excerpt | None) -> _Exported:
    """Write a meeting in these formats; where one cannot be written, the others are nevertheless."""
    exported = _Exported()
    for name in names:
        try:
            exported.paths.append(
                export_meeting(opened.archive, opened.store, record, opened.settings, name, out, excerpt=excerpt)
            )
            if name in SOUNDS:
                exported.missing_s = _missing_sound(opened, record, excerpt)
        except (MissingDependencyError, SinkError, StoreError) as error:
            exported.failures.append(error)
    return exported


def _missing_sound(opened: Access, record: MeetingRecord, excerpt: Excerpt | None) -> float:
    """Seconds, to the tenth, of what is exported that are not in the recording."""
    pieces = pieces_of(opened.archive.audio(record))
    start, end = 0, max(record.end_sample or 0, pieces[-1].end_sample)
    if excerpt is not None:
        start, end = excerpt.start_sample, excerpt.end_sample
    return missing_seconds(pieces, start, end)


def _time(record: MeetingRecord, text: str) -> datetime:
    """A time that a person types, or one out of the JSON; one without a date is the first since the meeting began."""
    for form in _TIMES:
        try:
            typed = datetime.strptime(in_ascii(text).strip(), form)  # noqa: DTZ007 - by the clock on the meeting's wall
            wall = typed if "%Y" in form else datetime.combine(record.local_start.date(), typed.time())
            found = record.moment(wall)
        except (ValueError, OverflowError):  # the calendar's first and last day are none in another zone
            continue
        if "%Y" in form or not record.is_before(found):
            return found
        return record.moment(wall + timedelta(days=1))
    with suppress(ValueError):
        if (found := datetime.fromisoformat(in_ascii(text).strip())).tzinfo is not None:
            return found
    raise SettingsError(f"{text!r} is no time: expected one as `streamer meetings show` prints it, 16:21:31")
