"""``streamer run``: live captions of a meeting."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import socket
from datetime import UTC, datetime
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Annotated, Any

import typer

from streamer.app import (
    DEMO,
    LOG_NAME,
    MICROPHONE,
    STANDARD_INPUT,
    MeetingOptions,
    Output,
    choose_messages,
    run_meeting,
)
from streamer.archive import Archive, data_folder
from streamer.commands.meeting_words import words
from streamer.errors import RecognizerError, SettingsError
from streamer.pipeline import MeetingReport
from streamer.retention import tidy_up
from streamer.settings import Settings, load_settings

_LOG_BYTES = 1_000_000

_Source = Annotated[
    str, typer.Option(metavar="mic|FILE|demo|-", help="Microphone, sound file, built-in demo, or raw PCM on stdin.")
]
_Fast = Annotated[bool, typer.Option("--fast", help="Read a file or the demo as fast as it is decoded.")]
_Device = Annotated[str | None, typer.Option(metavar="NAME|INDEX", help="Microphone; see `streamer devices`.")]
_Title = Annotated[str | None, typer.Option(help="Title of the meeting.")]
_Room = Annotated[str | None, typer.Option(help="Name of the room; default: this computer's.")]
_Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of the live view.")]
_Json = Annotated[bool, typer.Option("--json", help="One JSON event a line; see config/events.schema.json.")]
_Pack = Annotated[str | None, typer.Option(help="Name of an installed model pack, or path of a pack folder.")]
_Config = Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings; see config/default.toml.")]
_Silence = Annotated[float | None, typer.Option(min=0, metavar="MIN", help="End after so many minutes of silence.")]
_DataDir = Annotated[Path | None, typer.Option(metavar="FOLDER", help="Where meetings are kept.")]
_Mqtt = Annotated[str | None, typer.Option(metavar="URL", help="Publish captions: mqtt://user@host:1883/prefix.")]
_NoRecording = Annotated[bool, typer.Option("--no-recording", help="Delete sound once its captions are kept.")]


def run(  # noqa: PLR0913, PLR0917 - each is an option of the command line
    source: _Source = MICROPHONE,
    fast: _Fast = False,
    device: _Device = None,
    title: _Title = None,
    room: _Room = None,
    plain: _Plain = False,
    as_json: _Json = False,
    pack: _Pack = None,
    config: _Config = None,
    stop_after_silence: _Silence = None,
    data_dir: _DataDir = None,
    no_recording: _NoRecording = False,
    mqtt: _Mqtt = None,
) -> None:
    """Show captions while people speak, and keep the minutes.

    Keys: space pauses, m marks a moment, q ends. Ctrl-C ends too; a second one at once, without the last words.
    """
    overrides: dict[str, dict[str, Any]] = {"audio": {}, "recognizer": {}, "pipeline": {}, "store": {}, "mqtt": {}}
    if device is not None:
        overrides["audio"]["device"] = device
    if pack is not None:
        overrides["recognizer"]["pack"] = pack
    if stop_after_silence is not None:
        overrides["pipeline"]["stop_after_silence_min"] = stop_after_silence
    if mqtt is not None:
        overrides["mqtt"]["url"] = mqtt
    if no_recording:
        overrides["store"]["recording"] = False
    settings = load_settings(config, overrides)
    options = MeetingOptions(
        source=source,
        title=title or _title_of(source, settings),
        room=_room(room),
        output=choose_output(plain, as_json),
        is_fast=fast,
        data_dir=data_dir,
    )
    _log(options.output, settings, data_dir)
    for record in tidy_up(settings, data_dir, datetime.now(UTC)):
        typer.echo(words().hint.format(id=record.id), err=True)
    try:
        report = asyncio.run(run_meeting(options, settings))
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise typer.Exit(128 + signal.SIGINT) from None
    _finish(report)


def _finish(report: MeetingReport) -> None:
    """Say what went wrong.

    Raises:
        StreamerError: the sound broke off, something could not be kept, or could not be recognised.
    """
    if report.failure is not None:
        raise report.failure
    if report.lost_utterances:
        raise RecognizerError(
            f"{report.lost_utterances} passages could not be recognised; "
            f"`streamer meetings redo {report.started.meeting_id}` tries again"
        )


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


def _title_of(source: str, settings: Settings) -> str:
    if source in {MICROPHONE, DEMO, STANDARD_INPUT}:
        return choose_messages(settings, os.environ).untitled
    return Path(source).stem


def _room(name: str | None) -> str:
    """A slug: what goes into topics and names of tasks.

    Raises:
        SettingsError: nothing usable is left of a name that was given.
    """
    slug = re.sub(r"[^\w]+", "-", (name if name is not None else socket.gethostname()).lower()).strip("-_")
    if not slug and name is not None:
        raise SettingsError(f"--room {name!r} holds no letter or digit")
    return slug or "room"


def _log(output: Output, settings: Settings, data_dir: Path | None) -> None:
    """Warnings go to standard error, but not onto drawn captions: then they go to a file in the data folder."""
    handler: logging.Handler = logging.StreamHandler()
    if output is Output.TERMINAL:
        path = Archive(data_folder(settings, data_dir)).data_dir / LOG_NAME
        handler = RotatingFileHandler(path, maxBytes=_LOG_BYTES, backupCount=1, encoding="utf-8")
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.WARNING, format=form, handlers=[handler])
