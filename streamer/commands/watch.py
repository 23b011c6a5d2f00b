"""``streamer watch``: captions of one room or of several, over MQTT."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from streamer.archive.archive import data_folder
from streamer.commands.options import AsEvents, Plain
from streamer.commands.run import choose_output
from streamer.controls import acting
from streamer.interfaces import Sink
from streamer.outputs import LOG_NAME, Output, choose_messages, open_outputs
from streamer.settings import Settings, load_settings
from streamer.sinks.messages import Messages
from streamer.sinks.mqtt.absence import OFFLINE, OFFLINE_KEY
from streamer.sinks.mqtt.known import TWO_KEY
from streamer.sinks.mqtt.silence import NOBODY_KEY, SILENT_KEY
from streamer.sinks.mqtt.subscriber import EVERY_ROOM, RoomWatcher, parse_watch_address
from streamer.sinks.printed import unwritable
from streamer.sinks.standard_error import open_log
from streamer.sinks.told_notices import told_notice
from streamer.types import MeetingEvent, Notice

_Address = Annotated[str, typer.Argument(metavar="mqtt://HOST/PREFIX/ROOM", help="What to watch; + as room: all.")]
_Config = Annotated[Path | None, typer.Option(metavar="FILE.toml", help="Settings; their table mqtt is used.")]


def watch(address: _Address, plain: Plain = False, as_json: AsEvents = False, config: _Config = None) -> None:
    """Show captions that another streamer publishes over MQTT. q or Ctrl-C ends.

    Of all rooms (+) those whose meeting had ended before are left out. To take one that is gone for good from a broker:

    mosquitto_sub -h HOST -t 'PREFIX/ROOM/#' --remove-retained -W 2

    It waits two seconds and ends with "Timed out".

    The password comes from the environment variable STREAMER_MQTT_PASSWORD or from mqtt.password_file.
    """
    settings = load_settings(config, {"mqtt": {"url": address}})
    parse_watch_address(address)
    output = choose_output(plain, as_json)
    if output is Output.TERMINAL:
        logging.getLogger().addHandler(logging.NullHandler())
    if not asyncio.run(_watch(settings, output)):
        raise typer.Exit(1)  # as any command whose reader has gone


async def _watch(settings: Settings, output: Output) -> bool:
    """Show what comes until somebody ends it; whether what is written is read."""
    is_read = True
    watcher = RoomWatcher(settings.mqtt)
    room = parse_watch_address(settings.mqtt.url)[1]
    rooms = () if room == EVERY_ROOM else (room,)
    with ExitStack() as owned:
        messages = choose_messages(settings, os.environ)
        task = asyncio.current_task()

        def stop() -> None:
            if task is not None:
                task.cancel()

        def leave() -> None:
            nonlocal is_read
            is_read = False
            stop()

        outputs = owned.enter_context(open_outputs(rooms, output, _log(settings), messages, settings, leave=leave))
        ending = dict.fromkeys((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), stop)
        owned.enter_context(acting({"q": stop}, ending, outputs.screen))
        try:
            async for name, event in watcher.events():
                await _show(outputs.sink(name), _translated(event, messages))
        except asyncio.CancelledError:
            # Asked for by a key or a signal, or nobody reads what is written: watching ends, nothing has failed.
            pass
    return is_read


def _log(settings: Settings) -> Path:
    """What takes what others write to standard error; nothing where this user has no folder for it, as on a kiosk."""
    log = data_folder(settings) / LOG_NAME
    try:
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(open_log(log))
    except OSError:
        return Path(os.devnull)
    return log


async def _show(sink: Sink, event: MeetingEvent) -> None:
    try:
        await sink.handle(event)
    except OSError as error:
        raise unwritable(error) from error


def _translated(event: MeetingEvent, messages: Messages) -> MeetingEvent:
    """What a person is told of a room, in a language of theirs."""
    if not isinstance(event, Notice) or not event.text:
        return event
    if event.key.startswith(OFFLINE_KEY):
        return replace(event, text=messages.offline if event.text == OFFLINE else messages.online)
    if event.key.startswith(SILENT_KEY):
        return replace(event, text=messages.silent)
    text = {NOBODY_KEY: messages.nobody, TWO_KEY: messages.two}.get(event.key)
    return told_notice(event, messages) if text is None else replace(event, text=text)
