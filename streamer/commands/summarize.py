"""``streamer summarize``: decisions, action items and topics of a meeting."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime
from typing import Annotated

import typer

from streamer.commands.data_dir_option import DataDir
from streamer.commands.interruption import interruptible
from streamer.commands.meetings.access import access, print_json, refresh_files, told
from streamer.commands.meetings.choice import MeetingToChange
from streamer.commands.meetings.words import screen_language, words
from streamer.commands.options import AsJson, Config
from streamer.errors import StoreError, SummaryError
from streamer.meeting.summaries import DIGEST, lines_digest, set_summary
from streamer.offline.rehearing import settings_of
from streamer.sinks.printable import printable
from streamer.summary.answers import Answers
from streamer.summary.reading import as_json as summary_json
from streamer.summary.rendering import LABELS, rendered
from streamer.summary.summarizing import summarize as sum_up

_ANSWERS = ".answers.json"
"""File in a meeting's folder, while its summary is in the making."""

_Extract = Annotated[bool, typer.Option("--extract", help="Pick sentences, even where an endpoint is configured.")]


def summarize(
    meeting: MeetingToChange,
    extract: _Extract = False,
    as_json: AsJson = False,
    data_dir: DataDir = None,
    config: Config = None,
) -> None:
    """Sum a meeting up with the model that the settings name, or by picking sentences; the minutes get it too."""
    with access(config, data_dir) as opened:
        record = opened.find(meeting, changes=True)
        settings = opened.settings.summary
        if extract:
            settings = type(settings)(sentences=settings.sentences)
        digest = lines_digest(opened.store.database, record.id)  # first: what changes meanwhile is not summed up
        lines = opened.spoken(record)
        spoken = words()
        answers = Answers(opened.archive.folder(record) / _ANSWERS, f"{settings.base_url} {settings.model}")
        with interruptible(lambda: spoken.summary_interrupted), told(spoken.summarizing) as progress:
            try:
                summary = sum_up(record.title, lines, settings, progress, answers)
            except SummaryError as error:
                if not len(answers):
                    raise
                raise SummaryError(
                    f"{error}\nwhat it has answered is kept ({len(answers)}): the same command goes on from there"
                ) from error
        times = {line.id: line.time for line in lines}
        text = rendered(summary, times, LABELS[settings_of(record, opened.settings).minutes.language])
        facts = json.loads(summary_json(summary))
        stored = json.dumps({**facts, DIGEST: digest}, ensure_ascii=False)
        try:
            try:
                set_summary(opened.store.database, record.id, datetime.now(UTC), summary.source, text, stored)
                if settings.base_url:
                    with suppress(OSError):  # they are of no use any more, and of no harm
                        answers.forget()
            except StoreError as error:
                raise StoreError(f"the summary is shown here only, and could not be kept: {error}") from error
            refresh_files(opened, opened.store.record(record.id))
        finally:  # what took a model's time is shown even where it cannot be kept
            if as_json:
                print_json({"id": record.id, "text": text, **facts})
            else:
                shown = rendered(summary, times, LABELS[screen_language()])
                typer.echo("\n".join(printable(line) for line in shown.splitlines()))
