"""``streamer meetings``: everything that was kept of meetings."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table
from rich.text import Text

from streamer.archive import remove_sound, rename_folder
from streamer.commands.meeting_access import (
    Access,
    AsJson,
    Config,
    DataDir,
    MeetingId,
    access,
    console,
    print_json,
    refresh_files,
    told,
)
from streamer.commands.meeting_outbox import outbox
from streamer.commands.meeting_words import Words, told_edit, words
from streamer.errors import MissingDependencyError, SettingsError, StoreError
from streamer.exporting import EXPORTS_TOLD, check_exports, export_meeting
from streamer.meeting.edits import edit_line, undo_edit
from streamer.meeting.index import phrase
from streamer.meeting.numbers import line_numbers, segment_of
from streamer.meeting.search import Hit, search
from streamer.meeting.stored import StoredMinutes
from streamer.minutes import Audio, Line, MeetingRecord
from streamer.recovery import redo
from streamer.sinks.minutes.json import JsonWriter
from streamer.sinks.minutes.labels import LABELS
from streamer.sinks.minutes.plain import plain
from streamer.sinks.minutes.writer import moment_text
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE

app = typer.Typer(
    name="meetings",
    help="List, show, search, export, correct and delete meetings.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command("outbox")(outbox)

_To = Annotated[str, typer.Option("--to", metavar="FORMATS", help=f"One or more of {EXPORTS_TOLD}; commas between.")]
_Out = Annotated[Path, typer.Option("--out", "-o", metavar="FOLDER", help="Where the files go; default: here.")]
_Limit = Annotated[int, typer.Option("--limit", "-n", min=1, help="Show so many at most.")]
_InMeeting = Annotated[str | None, typer.Option("--meeting", metavar="ID", help="Search in one meeting only.")]
_Line = Annotated[
    str,
    typer.Argument(metavar="LINE", help="The line's number, as `show` prints it; for programs @SEGMENT, as in JSON."),
]
_NewText = Annotated[str | None, typer.Argument(metavar="TEXT", help="What it should say.")]
_Undo = Annotated[bool, typer.Option("--undo", help="Give the line the machine's text back.")]
_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
_SoundOnly = Annotated[bool, typer.Option("--sound-only", help="Delete the sound, keep the text.")]
_Pack = Annotated[str | None, typer.Option(help="Name of an installed model pack, or path of a pack folder.")]


@app.callback(invoke_without_command=True)
def meetings(context: typer.Context, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """List meetings, or do something with one."""
    if context.invoked_subcommand is None:
        list_meetings(as_json, data_dir, config)
        return
    # What stands before the command holds for it: ignored, it would edit another archive than the one that was named.
    given = {"as_json": as_json or None, "data_dir": data_dir, "config": config}
    context.default_map = {
        context.invoked_subcommand: {name: value for name, value in given.items() if value is not None}
    }


@app.command("list")
def list_meetings(as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """List meetings, the newest first."""
    spoken = words()
    with access(config, data_dir) as opened:
        rows = [_row(opened, record, count) for record, count in opened.store.counted_records()]
    if as_json:
        print_json(rows)
        return
    if not rows:
        typer.echo(spoken.none)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in (spoken.id, spoken.start, spoken.length):
        table.add_column(heading, no_wrap=True)
    table.add_column(spoken.title, overflow="fold")
    for heading in (spoken.lines, spoken.sound, spoken.state):
        table.add_column(heading, no_wrap=True)
    short = _short_ids([row["id"] for row in rows])
    for row in rows:
        table.add_row(*(Text(cell) for cell in (short[row["id"]], *_cells(row, spoken))))
    console().print(table)
    for row in rows:
        if row["state"] == "unfinished":
            typer.echo(spoken.hint.format(id=short[row["id"]]))


@app.command("show")
def show(meeting: MeetingId, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Show what was said in a meeting. With --json: the document that config/minutes.schema.json describes."""
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        source = StoredMinutes(opened.store, record.id, opened.archive.links(record))
        if as_json:
            _print_document(opened, record, source)
            return
        labels, out = LABELS[opened.settings.minutes.language], console()
        spoken, numbers = words(), line_numbers(opened.store.database, record.id)
        out.print(Text(f"{printable(record.title)}  {record.local_start:%Y-%m-%d %H:%M}  {record.id}", style="bold"))
        if source.summary():
            out.print(Text("\n".join(printable(line) for line in source.summary().splitlines())))
        for entry in source.entries():
            if isinstance(entry, Line):
                number, at, text, style = (
                    str(numbers.get(entry.segment_id, "")),
                    entry.started_at,
                    plain(entry.text),
                    "",
                )
                text += spoken.edited_mark if entry.edited else ""
            else:
                number, at, text, style = "", entry.at, moment_text(entry, labels), "italic"
            out.print(Text.assemble((f"{number:>6} {record.local(at):%H:%M:%S}  ", "dim"), (text, style)))


@app.command("search")
def search_meetings(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="What was said or written; one character is enough.")],
    limit: _Limit = 20,
    in_meeting: _InMeeting = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Find lines in all meetings, the newest first, with the lines around them."""
    if phrase(text) is None:
        raise SettingsError(
            f"nothing to search for in {text!r}: expected characters, letters or digits, as in "
            "`streamer meetings search 预算`"
        )
    spoken = words()
    with access(config, data_dir) as opened:
        within = opened.find(in_meeting).id if in_meeting is not None else None
        hits = search(opened.store.database, text, limit=limit + 1, meeting_id=within)
        meeting_ids = {hit.meeting_id for hit in hits[:limit]}
        numbers = {each: line_numbers(opened.store.database, each) for each in meeting_ids}
    if as_json:
        print_json([_told_hit(hit, numbers[hit.meeting_id].get(hit.segment_id)) for hit in hits[:limit]])
        return
    out = console()
    for hit in hits[:limit]:
        at, number = hit.started_at + timedelta(seconds=hit.utc_offset_s), numbers[hit.meeting_id].get(hit.segment_id)
        head = f"{at:%Y-%m-%d %H:%M:%S}  {printable(hit.title)}  {hit.meeting_id} {number}"
        out.print(Text(head, style="bold"))
        for line, style in ((hit.before, "dim"), (hit.text, ""), (hit.after, "dim")):
            if line:
                out.print(Text(f"    {plain(line)}", style=style))
    if not hits:
        typer.echo(spoken.nothing_found)
    elif len(hits) > limit:
        typer.echo(spoken.more_found.format(limit=limit))


@app.command("export")
def export(
    meeting: MeetingId,
    to: _To = "markdown",
    out: _Out = Path(),
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Write a meeting to files: minutes in any format, or its sound as one file."""
    spoken = words()
    names = check_exports([name.strip() for name in to.split(",") if name.strip()])
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        paths: list[Path] = []
        failures: list[MissingDependencyError | StoreError] = []
        for name in names:
            try:
                paths.append(export_meeting(opened.archive, opened.store, record, opened.settings, name, out))
            except (MissingDependencyError, StoreError) as error:  # the other formats can be written nevertheless
                failures.append(error)
    if as_json:
        print_json([str(path) for path in paths])
    else:
        for path in paths:
            typer.echo(spoken.exported.format(path=printable(str(path))))
    if failures:
        raise type(failures[0])("\n".join(str(error) for error in failures)) from failures[0]


@app.command("rename")
def rename(
    meeting: MeetingId,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Give a meeting another title; its folder follows, while it runs at its end."""
    if not plain(title).strip():
        raise SettingsError(f"the title {title!r} is empty; expected some text")
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        opened.store.set_title(record.id, plain(title))
        record = opened.store.record(record.id)
        # A meeting that had not ended by now follows its new title when it ends.
        if not opened.archive.is_running(record):
            with opened.archive.released(record):
                record = rename_folder(opened.archive, opened.store, opened.store.record(record.id))
        refresh_files(opened, record)
    if as_json:
        print_json({"id": record.id, "title": record.title, "folder": record.folder})
    else:
        typer.echo(words().renamed.format(id=record.id, title=record.title))


@app.command("edit")
def edit(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    meeting: MeetingId,
    line: _Line,
    text: _NewText = None,
    undo: _Undo = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Correct a line. No later result of the machine overwrites it; an empty text hides it."""
    if (text is None) != undo:
        raise SettingsError("give the line's new text, or --undo")
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        database = opened.store.database
        segment = _segment(opened, record, line)
        number = line_numbers(database, record.id).get(segment)
        if text is None:
            old, new = undo_edit(database, record.id, segment)
        else:
            new = plain(text)
            old = edit_line(database, record.id, segment, new, datetime.now(UTC))
        refresh_files(opened, record)
    if as_json:
        print_json({"id": record.id, "line": number, "segment": segment, "old": old, "text": new})
    else:
        for sentence in told_edit(record.id, str(number or line), plain(old), plain(new), undo=undo):
            typer.echo(sentence)


@app.command("delete")
def delete(
    meeting: MeetingId,
    yes: _Yes = False,
    sound_only: _SoundOnly = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Delete a meeting: text, sound and files. Asks first."""
    spoken = words()
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        folder = opened.archive.folder(record)
        if opened.archive.is_running(record):
            raise StoreError(f"meeting {record.id} is running; end it before you delete it")
        question = spoken.ask_delete_sound if sound_only else spoken.ask_delete
        asked = question.format(title=printable(record.title), folder=printable(str(folder)))
        if not yes and not typer.confirm(asked, err=as_json):
            typer.echo(spoken.kept_as_it_is, err=as_json)
            raise typer.Exit(1)
        with opened.archive.released(record):
            record = opened.store.record(record.id)
            if sound_only:
                remove_sound(opened.archive, opened.store, record)
            else:
                _delete(opened, record)
        if sound_only:
            refresh_files(opened, opened.store.record(record.id))
    if as_json:
        print_json({"id": record.id, "deleted": "sound" if sound_only else "meeting"})
    else:
        typer.echo(spoken.removed)


@app.command("redo")
def redo_meeting(
    meeting: MeetingId, pack: _Pack = None, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None
) -> None:
    """Transcribe the recording again, with another pack or other settings; corrections keep their places."""
    spoken = words()
    overrides = {"recognizer": {"pack": pack}} if pack is not None else None
    with access(config, data_dir, overrides) as opened:
        record = opened.find(meeting)
        with told(f"{spoken.redoing} {printable(record.title)}") as progress:
            found = redo(opened.archive, opened.store, record, opened.settings, progress=progress)
        record = opened.store.record(record.id)
    lines = sum(bool(one.text) for one in found)
    if as_json:
        print_json({"id": record.id, "pack": record.pack, "lines": lines})
    else:
        typer.echo(spoken.redone.format(pack=record.pack, lines=lines))


def _delete(opened: Access, record: MeetingRecord) -> None:
    folder = opened.archive.folder(record)
    opened.store.delete(record.id)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise StoreError(f"the meeting is forgotten, but {folder} cannot be deleted; delete it by hand")


def _segment(opened: Access, record: MeetingRecord, line: str) -> int:
    """The segment that a line's number or ``@SEGMENT`` means."""
    by_id, number = line.startswith("@"), line.removeprefix("@")
    if not number.isdecimal():
        raise SettingsError(f"{line!r} is no line: expected its number, as `streamer meetings show` prints it")
    return int(number) if by_id else segment_of(opened.store.database, record.id, int(number))


def _row(opened: Access, record: MeetingRecord, lines: int) -> dict[str, Any]:
    running = opened.archive.is_running(record)
    reached = record.end_sample if record.end_sample is not None else opened.store.finalised_until(record.id)
    return {
        "id": record.id,
        "title": record.title,
        "started_at": record.started_at.isoformat(),
        "local_start": record.local_start.isoformat(),
        "seconds": round(reached / SAMPLE_RATE, 2),
        "lines": lines,
        "state": "running" if running else "unfinished" if record.ended_at is None else "ended",
        "sound": str(record.audio),
        "pack": record.pack,
        "folder": str(opened.archive.folder(record)),
    }


def _cells(row: dict[str, Any], spoken: Words) -> list[str]:
    states = {"running": spoken.running, "unfinished": spoken.unfinished, "ended": spoken.ended}
    sounds = {Audio.KEPT: spoken.kept, Audio.PASSING: spoken.passing, Audio.DELETED: spoken.deleted}
    return [
        f"{datetime.fromisoformat(row['local_start']):%Y-%m-%d %H:%M}",
        str(timedelta(seconds=int(row["seconds"]))),
        printable(row["title"]),
        str(row["lines"]),
        sounds[row["sound"]],
        states[row["state"]],
    ]


def _short_ids(ids: list[str]) -> dict[str, str]:
    """The end of each id, where it tells the meeting from all others."""
    ends = [identity.rpartition("-")[2] for identity in ids]
    return {
        identity: end if sum(end in other for other in ids) == 1 else identity
        for identity, end in zip(ids, ends, strict=True)
    }


def _told_hit(hit: Hit, number: int | None) -> dict[str, Any]:
    return {
        "meeting": hit.meeting_id,
        "title": hit.title,
        "line": number,
        "segment": hit.segment_id,
        "at": hit.started_at.isoformat(),
        "start": round(hit.start_sample / SAMPLE_RATE, 3),
        "text": hit.text,
        "before": hit.before,
        "after": hit.after,
    }


def _print_document(opened: Access, record: MeetingRecord, source: StoredMinutes) -> None:
    writer = JsonWriter(opened.settings.minutes.doubt_below)
    typer.echo(writer.head(record, source.summary()), nl=False)
    for entry in source.entries():
        position = entry.start_sample if isinstance(entry, Line) else entry.at_sample
        typer.echo(writer.entry(entry, source.link(position)), nl=False)
    typer.echo(writer.tail, nl=False)
