"""``streamer meetings redo``: a kept meeting heard again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from streamer.commands.data_dir_option import DataDir, as_given
from streamer.commands.interruption import interruptible
from streamer.commands.meetings.access import access, print_json, told
from streamer.commands.meetings.choice import MeetingToChange
from streamer.commands.meetings.words import words
from streamer.commands.options import AsJson, Config, HotwordFileOption, HotwordOption, Pack, given, hotword_overrides
from streamer.errors import MissingDependencyError, PackError, RecognizerError
from streamer.minutes import MeetingRecord
from streamer.offline.redoing import redo
from streamer.offline.rehearing import chosen_for, settings_of
from streamer.settings import Settings, load_settings
from streamer.sinks.printable import printable


def redo_meeting(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    meeting: MeetingToChange,
    pack: Pack = None,
    hotword: HotwordOption = None,
    hotword_file: HotwordFileOption = None,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Transcribe the recording again, with another pack or other settings; corrections keep their places.

    What is given here or in --config takes the place of what the meeting was held with: hotwords, and single keys of
    the tables recognizer and text. With none given, those hold again. Other tables, as segmenter and gate, are those
    of --config or the defaults.

    The minutes keep the formats, the language and the fillers (嗯) that the meeting was held with, as they do after
    `edit`, `rename` and `summarize`; `export` writes others, with the settings of its --config.
    """
    spoken = words()
    overrides = {"recognizer": given(pack=pack), "hotwords": hotword_overrides(hotword, hotword_file)}
    with access(config, data_dir, overrides) as opened:
        record = opened.find(meeting, changes=True)
        settings = load_settings(config, overrides, chosen_for(record))
        before = opened.store.finals(record.id).last_id()

        def interrupted() -> str:
            if opened.store.finals(record.id).last_id() == before:
                return spoken.redo_interrupted
            return spoken.redo_interrupted_late.format(id=record.id, where=as_given(opened.archive.data_dir))

        label = f"{spoken.redoing} {printable(record.title)}"
        with interruptible(interrupted), told(label) as progress, _named(record, settings):
            done = redo(opened.archive, opened.store, record, settings, progress=progress)
        record = opened.store.record(record.id)
    lines = sum(bool(one.text) for one in done.segments)
    if as_json:
        counts = {"lines": lines, "unrecorded": done.unrecorded, "edited": done.edited}
        print_json({"id": record.id, "pack": record.pack, **counts})
        return
    typer.echo(spoken.redone.format(pack=record.pack, lines=lines))
    if done.edited:
        typer.echo(spoken.edited_stay.format(lines=done.edited))
    if done.unrecorded:
        typer.echo(spoken.unrecorded.format(lines=done.unrecorded))


@contextmanager
def _named(record: MeetingRecord, settings: Settings) -> Iterator[None]:
    """Models that fail are said to be the meeting's own, where nobody chose others."""
    try:
        yield
    except (PackError, RecognizerError, MissingDependencyError) as error:
        if settings.recognizer != settings_of(record, Settings()).recognizer:
            raise
        raise type(error)(
            f"{error}; meeting {record.id} was held so, and --pack or the [recognizer] of --config FILE.toml decodes "
            "it with others"
        ) from error
