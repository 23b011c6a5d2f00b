"""``streamer devices``: what can be listened to."""

from __future__ import annotations

import asyncio
import json
import sys
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamer.audio.devices import find_inputs
from streamer.audio.input_choice import no_input
from streamer.audio.pulse_source import SERVERS
from streamer.commands.options import AsJsonInstead
from streamer.commands.sound_words import sound_words
from streamer.errors import AudioDeviceError
from streamer.sinks.printable import printable
from streamer.sinks.prose import prose


def list_devices(as_json: AsJsonInstead = False) -> None:
    """List the microphones and other inputs; choose one with `streamer run --device INDEX|NAME`."""
    inputs = asyncio.run(find_inputs())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in inputs], ensure_ascii=False, indent=2))
    elif inputs:
        table = Table("", *sound_words().input_columns)
        for one in inputs:
            mark = "*" if one.is_default else ""
            # Names are text from outside: never markup, never terminal escapes.
            cells = (mark, str(one.index), printable(one.name), one.host_api, str(one.channels), str(one.rate))
            table.add_row(*(Text(cell) for cell in cells))
        Console().print(table)
        typer.echo(sound_words().default_input)
        if servers := [one.name for one in inputs if one.name in SERVERS]:
            typer.echo(prose(sound_words().server_input.format(servers=" / ".join(servers)), sys.stdout))
    if not inputs:
        raise AudioDeviceError(no_input())
