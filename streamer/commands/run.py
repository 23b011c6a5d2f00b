"""``streamer run``: live captions of a meeting."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from streamer.app import run_rooms
from streamer.commands.data_dir_option import DataDir, where_kept
from streamer.commands.meetings.words import words
from streamer.commands.options import (
    AsEvents,
    Began,
    Config,
    HotwordFileOption,
    HotwordOption,
    Pack,
    Plain,
    Silence,
    given,
    hotword_overrides,
)
from streamer.commands.rooms import RoomArguments, plan_rooms
from streamer.commands.run_log import run_log
from streamer.commands.told_failures import in_locale
from streamer.commands.waiting_captions import waiting_elsewhere
from streamer.errors import (
    NOTICED,
    AudioError,
    RecognizerError,
    RecordingError,
    SettingsError,
    SinkError,
    StoreError,
    StreamerError,
    together,
)
from streamer.outputs import Output, are_read_together, choose_messages
from streamer.pipeline import MeetingReport, Worker
from streamer.retention import Deletion, overdue_sound_gone, unfinished_meetings
from streamer.rooms import RoomOutcome
from streamer.settings import Settings, load_settings
from streamer.sinks.messages import Messages
from streamer.sinks.printable import printable
from streamer.sinks.prose import prose
from streamer.system.open_files import OF_PROGRAM, OF_ROOM, allow_open_files
from streamer.system.signals import interrupted, leave_threads_behind
from streamer.types import SOUND_DELETED, Notice, Severity

logger = logging.getLogger(__name__)

_PATIENCE = 0.5
"""Seconds that somebody who has asked twice for the end waits at most for a disk or a terminal that hangs."""

_Source = Annotated[
    str | None,
    typer.Option(
        metavar="mic|FILE|demo|-", help="Microphone (default), sound file, built-in demo, or raw PCM on stdin."
    ),
]
_Fast = Annotated[bool, typer.Option("--fast", help="Read a file or the demo as fast as it is decoded.")]
_Device = Annotated[str | None, typer.Option(metavar="NAME|INDEX", help="Microphone; see `streamer devices`.")]
_Waits = Annotated[
    bool, typer.Option("--wait-for-device", help="Wait for a microphone that is not there yet, as several rooms do.")
]
_Title = Annotated[str | None, typer.Option(help="Title of the meeting.")]
_Room = Annotated[
    str | None, typer.Option(help="Name of the room (default: this computer's), or which of the configured ones.")
]
_Mqtt = Annotated[str | None, typer.Option(metavar="URL", help="Publish captions: mqtt://user@host/prefix.")]
_MetricsPort = Annotated[
    int | None, typer.Option(min=0, max=65535, metavar="PORT", help="Show figures to Prometheus; 0: do not.")
]
_NoRecording = Annotated[bool, typer.Option("--no-recording", help="Delete sound once its captions are kept.")]


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    source: _Source = None,
    fast: _Fast = False,
    began: Began = None,
    device: _Device = None,
    wait_for_device: _Waits = False,
    title: _Title = None,
    room: _Room = None,
    plain: Plain = False,
    as_json: AsEvents = False,
    pack: Pack = None,
    hotword: HotwordOption = None,
    hotword_file: HotwordFileOption = None,
    config: Config = None,
    stop_after_silence: Silence = None,
    data_dir: DataDir = None,
    no_recording: _NoRecording = False,
    mqtt: _Mqtt = None,
    metrics_port: _MetricsPort = None,
) -> None:
    """Show captions while people speak, and keep the minutes.

    Keys: space pauses, m marks a moment, q ends. Ctrl-C ends too; one after that at once, without the last words.
    """
    overrides = {
        "recognizer": given(pack=pack),
        "hotwords": hotword_overrides(hotword, hotword_file),
        "pipeline": given(stop_after_silence_min=stop_after_silence),
        "store": given(recording=False if no_recording else None),
        "mqtt": given(url=mqtt),
        "metrics": given(port=metrics_port),
    }
    settings = load_settings(config, overrides)
    output = choose_output(plain, as_json)
    arguments = RoomArguments(source, room, device, title, waits=wait_for_device, began=began)
    rooms = plan_rooms(arguments, settings, output, is_fast=fast, data_dir=data_dir)
    allow_open_files(OF_PROGRAM + OF_ROOM * len(rooms))
    with run_log(output, settings, data_dir), overdue_sound_gone(settings, data_dir, datetime.now(UTC)) as deletion:
        remarks = _tell_deleted(deletion, output, choose_messages(settings, os.environ))
        unfinished = _tell_unfinished(settings, data_dir)
        published = [options.room for options in rooms if "mqtt" in options.sinks]
        for told in waiting_elsewhere(settings, data_dir, published):
            _say(told)
        if output is Output.PLAIN and os.isatty(1):  # a person looks at it, and keys such as q do nothing here
            _say(choose_messages(settings, os.environ).stop_line)
        try:
            outcomes = asyncio.run(run_rooms(rooms, remarks))
        except (asyncio.CancelledError, KeyboardInterrupt):
            with Worker("streamer-last-words", patience=_PATIENCE) as worker:
                worker.submit(_tell_interrupted, settings, data_dir, unfinished)
            leave_threads_behind(128 + signal.SIGINT)
            raise typer.Exit(128 + signal.SIGINT) from None
    if any(outcome.report is None for outcome in outcomes):
        with contextlib.suppress(StoreError):  # why the meeting could not be held matters more
            _tell_unfinished(settings, data_dir, unfinished)
    captioned = {options.room for options in rooms if output is Output.PLAIN or "terminal" in options.sinks}
    is_read_together = output is not Output.TERMINAL and are_read_together()
    _finish(outcomes, captioned if is_read_together else set(), where_kept(settings, data_dir))


def _say(text: str) -> None:
    typer.echo(prose(text, sys.stderr), err=True)


def _tell_deleted(deletion: Deletion, output: Output, messages: Messages) -> tuple[Notice, ...]:
    """Say that recordings of earlier meetings were deleted; to programs by the notice, where they read one."""
    if not deletion.count:
        return ()
    text = messages.sound_deleted.format(count=deletion.count)
    if output is Output.TERMINAL:  # there the log is a file
        _say(f"! {text}")
    logger.warning("%s", text, extra=NOTICED if output is Output.JSON else None)
    return (Notice(SOUND_DELETED, Severity.INFO, text),) if output is Output.JSON else ()


def _tell_unfinished(settings: Settings, data_dir: Path | None, told: Collection[str] = ()) -> frozenset[str]:
    """Say which meetings wait for recovery, except those that were told; the ids of all of them."""
    records = unfinished_meetings(settings, data_dir)
    for record in records:
        if record.id not in told:
            _say(words().hint.format(id=record.id, where=where_kept(settings, data_dir)))
    return frozenset(record.id for record in records)


def _tell_interrupted(settings: Settings, data_dir: Path | None, told: Collection[str]) -> None:
    """Say how the meeting gets its end; that it was interrupted, where it had not begun."""
    if _tell_unfinished(settings, data_dir, told) <= set(told):
        _say(interrupted())


def _finish(outcomes: tuple[RoomOutcome, ...], told: Collection[str], where: str) -> None:
    """Say what went wrong.

    Args:
        outcomes: of all rooms.
        told: rooms whose notices stand where this is written, too.
        where: the data folder as an option, for commands that a person copies.

    Raises:
        StreamerError: a meeting could not be held, its sound broke off, or something could not be kept or recognised.
    """
    failures = {outcome.room: failure for outcome in outcomes if (failure := _failure_of(outcome, where)) is not None}
    untold = {outcome.room for outcome in outcomes if outcome.room not in told or not _has_broken_off(outcome)}
    if len(outcomes) == 1 and untold:
        for failure in failures.values():
            raise failure
    for room, failure in failures.items():
        if room in untold:
            _say(f"streamer: [{room}] {printable(in_locale(str(failure)))}")
    if failures:
        codes = (failure.exit_code if isinstance(failure, StreamerError) else 1 for failure in failures.values())
        raise typer.Exit(max(codes))


def _has_broken_off(outcome: RoomOutcome) -> bool:
    """Whether a notice said why, and that the meeting ends."""
    return outcome.report is not None and isinstance(outcome.report.failure, AudioError)


def _failure_of(outcome: RoomOutcome, where: str) -> Exception | None:
    report = outcome.report
    if report is None:
        return outcome.failure
    failures: list[StreamerError] = [] if report.failure is None else [report.failure]
    if not failures and report.lost_utterances:
        return RecognizerError(
            f"passages that could not be recognised: {report.lost_utterances}; "
            f"`streamer meetings redo {report.started.meeting_id}{where}` tries again"
        )
    if report.refusals:
        failures.append(SinkError(_refusal(report, where)))
    return together(failures) if failures else None


def _refusal(report: MeetingReport, where: str) -> str:
    printed = {str(output) for output in Output}
    told = "; ".join(
        f"{'standard output' if name in printed else name} did not take everything: {reason}"
        for name, reason in report.refusals.items()
    )
    told += "; make room where it is written, or write it elsewhere" if printed & report.refusals.keys() else ""
    meeting = f"{report.started.meeting_id}{where}"
    if isinstance(report.failure, StoreError) and not isinstance(report.failure, RecordingError):
        return told  # captions are not in the store: the failure says how they get there, and with them the minutes
    if "minutes" in report.refusals:
        return f"{told}; the text is kept: `streamer meetings export {meeting}` writes it into a file here"
    return f"{told}; the meeting itself is kept: `streamer meetings show {meeting}`"


def choose_output(plain: bool, as_json: bool) -> Output:
    """What to write: as asked for, else by what standard output is.

    Raises:
        SettingsError: both were asked for.
    """
    if plain and as_json:
        raise SettingsError("--plain and --json exclude each other")
    if as_json:
        return Output.JSON
    if plain or not os.isatty(1) or os.environ.get("TERM", "dumb") == "dumb":
        return Output.PLAIN
    return Output.TERMINAL
