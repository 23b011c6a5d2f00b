"""``streamer meetings search``: lines, titles and marks of all meetings by what they say."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.text import Text

from streamer.clock import iso_time
from streamer.commands.data_dir_option import DataDir
from streamer.commands.meetings.access import access, console, print_json
from streamer.commands.meetings.words import screen_language, words
from streamer.commands.options import AsJson, Config
from streamer.errors import SettingsError
from streamer.meeting.index import wanted
from streamer.meeting.numbers import line_numbers
from streamer.meeting.search import Hit, HitKind, in_reading_order, newest, search, search_names
from streamer.minutes import Moment, MomentKind
from streamer.sinks.minutes.labels import LABELS
from streamer.sinks.minutes.plain import plain
from streamer.sinks.minutes.writer import moment_text
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE

_Sought = Annotated[
    str,
    typer.Argument(
        metavar="TEXT",
        help="What was said or written; one character is enough. Of several words all, in any order; what stands in "
        "double quotes ('\"预算 20\"') as it is.",
    ),
]
_Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1_000_000, help="Show so many at most.")]
_InMeeting = Annotated[str | None, typer.Option("--meeting", metavar="ID", help="Search in one meeting only.")]


def search_meetings(
    text: _Sought,
    limit: _Limit = 20,
    in_meeting: _InMeeting = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Find lines, titles and notes of marks in all meetings, the newest meeting first, with the lines around them."""
    if not wanted(text):
        raise SettingsError(
            f"nothing to search for in {text!r}: expected characters, letters or digits, as in "
            "`streamer meetings search 预算`"
        )
    spoken = words()
    with access(config, data_dir) as opened:
        within = opened.find(in_meeting).id if in_meeting is not None else None
        database = opened.store.database
        hits = (
            *search(database, text, limit=limit + 1, meeting_id=within),
            *search_names(database, text, meeting_id=within),
        )
        shown = in_reading_order(newest(hits, limit))
        meeting_ids = {hit.meeting_id for hit in shown}
        records = {each: opened.store.record(each) for each in meeting_ids}
        numbers = {each: line_numbers(database, each) for each in meeting_ids}
    if as_json:
        print_json([_told_hit(hit, numbers[hit.meeting_id].get(hit.segment_id or 0)) for hit in shown])
        return
    out = console()
    for hit in shown:
        at, number = records[hit.meeting_id].local(hit.started_at), numbers[hit.meeting_id].get(hit.segment_id or 0)
        head = f"{at:%Y-%m-%d %H:%M:%S}  {printable(hit.title)}  {hit.meeting_id} {number or ''}"
        out.print(Text(head.rstrip(), style="bold"))
        if hit.kind is HitKind.TITLE:
            continue
        text = hit.text
        if hit.kind is HitKind.MARK:
            text = moment_text(
                Moment(MomentKind.MARK, hit.start_sample, hit.started_at, text=text), LABELS[screen_language()]
            )
        for line, begin, style in ((hit.before, "    ", "dim"), (text, "  > ", ""), (hit.after, "    ", "dim")):
            if line:
                out.print(Text(f"{begin}{plain(line)}", style=style))
    if not hits:
        typer.echo(spoken.nothing_found)
    elif len(hits) > limit:
        typer.echo(spoken.more_found.format(limit=limit))


def _told_hit(hit: Hit, number: int | None) -> dict[str, Any]:
    return {
        "meeting": hit.meeting_id,
        "kind": str(hit.kind),
        "title": hit.title,
        "line": number,
        "segment": hit.segment_id,
        "at": iso_time(hit.started_at),
        "start": round(hit.start_sample / SAMPLE_RATE, 3),
        "text": hit.text,
        "before": hit.before,
        "after": hit.after,
    }
