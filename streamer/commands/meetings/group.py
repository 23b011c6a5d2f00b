"""``streamer meetings``: everything that was kept of meetings."""

from __future__ import annotations

import shutil
from typing import Annotated

import typer

from streamer.archive.archive import remove_sound, rename_folder
from streamer.commands.asking import require_consent
from streamer.commands.data_dir_option import DataDir
from streamer.commands.guessing import GuessingCommands
from streamer.commands.meetings.access import Access, access, print_json, refresh_files
from streamer.commands.meetings.choice import MeetingToChange
from streamer.commands.meetings.export import export
from streamer.commands.meetings.lines import edit, show
from streamer.commands.meetings.list import list_meetings
from streamer.commands.meetings.outbox import outbox
from streamer.commands.meetings.redo import redo_meeting
from streamer.commands.meetings.search import search_meetings
from streamer.commands.meetings.words import words
from streamer.commands.options import AsJson, Config, Yes
from streamer.errors import SettingsError, StoreError
from streamer.meeting.aside import aside_places, drop_aside
from streamer.minutes import MeetingRecord
from streamer.sinks.minutes.plain import plain_title
from streamer.sinks.printable import printable

app = typer.Typer(
    name="meetings",
    cls=GuessingCommands,
    help="List, show, search, export, correct and delete meetings.",
    add_completion=False,
    pretty_exceptions_enable=False,
)

app.command("list")(list_meetings)
app.command("show")(show)
app.command("search")(search_meetings)
app.command("edit")(edit)
app.command("outbox")(outbox)
app.command("export")(export)
app.command("redo")(redo_meeting)

_SoundOnly = Annotated[bool, typer.Option("--sound-only", help="Delete the sound, keep the text.")]


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


@app.command("rename")
def rename(
    meeting: MeetingToChange,
    title: Annotated[str, typer.Argument(metavar="TITLE")],
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Give a meeting another title; its folder follows, while it runs at its end."""
    if not (written := plain_title(title)):
        raise SettingsError(f"the title {title!r} is empty; expected some text")
    with access(config, data_dir) as opened:
        record = opened.find(meeting, changes=True)
        opened.store.set_title(record.id, written)
        record = opened.store.record(record.id)
        # A meeting that had not ended by now follows its new title when it ends.
        if not opened.archive.is_running(record):
            try:
                with opened.archive.released(record):
                    record = rename_folder(opened.archive, opened.store, opened.store.record(record.id))
            except StoreError as error:
                raise StoreError(
                    f"{error}; the title is stored all the same, and the next `rename` gives it to the folder"
                ) from error
        refresh_files(opened, record)
    if as_json:
        print_json({"id": record.id, "title": record.title, "folder": record.folder})
    else:
        typer.echo(words().renamed.format(id=record.id, title=record.title))


@app.command("delete")
def delete(
    meeting: MeetingToChange,
    yes: Yes = False,
    sound_only: _SoundOnly = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Delete a meeting: text, sound and files. Asks first."""
    spoken = words()
    with access(config, data_dir) as opened:
        record = opened.find(meeting, changes=True)
        folder = opened.archive.folder(record)
        if opened.archive.is_running(record):
            raise StoreError(f"meeting {record.id} is running; end it before you delete it")
        question = spoken.ask_delete_sound if sound_only else spoken.ask_delete
        asked = question.format(title=printable(record.title), folder=printable(str(folder)))
        if not yes:
            require_consent(asked, err=as_json)
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
        done = spoken.sound_removed if sound_only else spoken.removed
        typer.echo(done.format(title=printable(record.title), id=record.id))


def _delete(opened: Access, record: MeetingRecord) -> None:
    """The files first: interrupted, it can be repeated, because the meeting is still there to be named."""
    folder = opened.archive.folder(record)
    try:
        shutil.rmtree(folder)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise StoreError(f"cannot delete {error.filename or folder}: {error.strerror}; the meeting stays") from error
    drop_aside(record.id, aside_places(folder))
    opened.store.delete(record.id)
