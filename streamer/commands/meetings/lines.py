"""``streamer meetings show|edit``: the lines of one meeting."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from streamer.archive.books import outdated
from streamer.commands.data_dir_option import DataDir, as_given
from streamer.commands.meetings.access import (
    Access,
    access,
    console,
    harmless,
    print_json,
    refresh_files,
)
from streamer.commands.meetings.choice import MeetingId, MeetingToChange
from streamer.commands.meetings.words import screen_language, words
from streamer.commands.options import AsJson, Config
from streamer.errors import SettingsError
from streamer.meeting.edits import edit_line, undo_edit
from streamer.meeting.numbers import line_numbers, segment_of
from streamer.meeting.stored import StoredMinutes
from streamer.meeting.summaries import summary_body, summary_is_outdated, summary_text
from streamer.minutes import Line, MeetingRecord
from streamer.sinks.days import day_line
from streamer.sinks.minutes.json import JsonWriter
from streamer.sinks.minutes.labels import LABELS
from streamer.sinks.minutes.plain import plain
from streamer.sinks.minutes.writer import Times, moment_text
from streamer.sinks.printable import printable
from streamer.summary.reading import from_json
from streamer.summary.rendering import LABELS as SUMMARY_LABELS
from streamer.summary.rendering import rendered

_Line = Annotated[
    str,
    typer.Argument(metavar="LINE", help="The line's number, as `show` prints it; for programs @SEGMENT, as in JSON."),
]
_MOST_DIGITS = 18
"""Of a number that the store can hold."""
_NewText = Annotated[str | None, typer.Argument(metavar="TEXT", help="What it should say.")]
_Undo = Annotated[bool, typer.Option("--undo", help="Give the line the machine's text back.")]


def show(meeting: MeetingId, as_json: AsJson = False, data_dir: DataDir = None, config: Config = None) -> None:
    """Show what was said in a meeting. With --json: the document that config/minutes.schema.json describes."""
    with access(config, data_dir) as opened:
        record = opened.find(meeting)
        source = StoredMinutes(opened.store, record.id, opened.archive.links(record), outdated(opened.settings))
        if as_json:
            _print_document(opened, record, source)
            return
        spoken, out = words(), console()
        labels = LABELS[screen_language()]
        numbers = line_numbers(opened.store.database, record.id)
        out.print(Text(f"{printable(record.title)}  {record.local_start:%Y-%m-%d %H:%M}  {record.id}", style="bold"))
        if summary := _summary(opened, record):
            out.print(Text("\n".join(printable(line) for line in summary.splitlines())))
            if summary_is_outdated(opened.store.database, record.id):
                where = as_given(opened.archive.data_dir)
                out.print(Text(spoken.summary_outdated.format(id=record.id, where=where), style="italic"))
        times = Times()
        times.begin(record)
        for entry in source.entries():
            if isinstance(entry, Line):
                number, text, style = str(numbers.get(entry.segment_id, "")), plain(entry.text), ""
                text += spoken.edited_mark if entry.edited else ""
            else:
                number, text, style = "", moment_text(entry, labels), "italic"
            if date := times.date_above(entry):
                out.print(Text(day_line(date), style="bold"))
            out.print(Text.assemble((f"{number:>6} {times.clock(entry)}  ", "dim"), (text, style)))
        if not numbers:
            out.print(Text(spoken.nothing_said))


def edit(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    meeting: MeetingToChange,
    line: _Line,
    text: _NewText = None,
    undo: _Undo = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Correct a line. No later result of the machine overwrites it; an empty text hides it."""
    if (text is None) != undo:
        raise SettingsError(
            "give the line's new text, or --undo" if text is None else "give a new text or --undo, not both"
        )
    with access(config, data_dir) as opened:
        record = opened.find(meeting, changes=True)
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
        for sentence in _told_edit(record.id, str(number or line), plain(old), plain(new), undo=undo):
            typer.echo(sentence)


def _segment(opened: Access, record: MeetingRecord, line: str) -> int:
    """The segment that a line's number or ``@SEGMENT`` means."""
    by_id, number = line.startswith("@"), line.removeprefix("@")
    if not number.isdecimal() or len(number) > _MOST_DIGITS:
        raise SettingsError(f"{line!r} is no line: expected its number, as `streamer meetings show` prints it")
    return int(number) if by_id else segment_of(opened.store.database, record.id, int(number))


def _summary(opened: Access, record: MeetingRecord) -> str:
    """The summary in the language of the screen; as it stands in the minutes where a line that it rests on is gone."""
    kept = summary_text(opened.store.database, record.id)
    summary = from_json(summary_body(opened.store.database, record.id))
    if summary is None:
        return kept
    times = {line.id: line.time for line in opened.spoken(record)}
    items = (*summary.topics, *summary.decisions, *summary.actions, *summary.excerpts)
    if not times.keys() >= {line for item in items for line in item.lines}:
        return kept
    return rendered(summary, times, SUMMARY_LABELS[screen_language()])


def _print_document(opened: Access, record: MeetingRecord, source: StoredMinutes) -> None:
    writer = JsonWriter(opened.settings.minutes.doubt_below)
    typer.echo(harmless(writer.head(record, source.summary())), nl=False)
    for entry in source.entries():
        typer.echo(harmless(writer.entry(entry, source.link(entry.position))), nl=False)
    typer.echo(writer.tail, nl=False)


def _told_edit(meeting_id: str, line: str, old: str, new: str, *, undo: bool) -> list[str]:
    """What a person sees of an edit, line by line; one that hides a line says how to show it again.

    Args:
        meeting_id: whose line it is.
        line: the line as the command line takes it.
        old: what it said.
        new: what it says now.
        undo: whether an edit was undone, and the machine's text is back.
    """
    spoken = words()
    if new or undo:
        return [spoken.edited.format(line=line, old=old or spoken.empty, new=new or spoken.empty)]
    what = spoken.hidden if old else spoken.hidden_already
    return [what.format(line=line, old=old), spoken.how_to_unhide.format(id=meeting_id, line=line)]
