"""``streamer devices``: what can be listened to."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict

import typer
from rich.console import Console
from rich.table import Table
from rich.text import Text

from streamer.audio.capturing.capture_wire import InputDevice
from streamer.audio.capturing.input_choice import no_input
from streamer.audio.capturing.pulse_source import SERVERS
from streamer.audio.devices import find_inputs
from streamer.commands.options import AsJsonInstead
from streamer.commands.sound_words import sound_words
from streamer.errors import AudioDeviceError
from streamer.sinks.layout import columns_of
from streamer.sinks.printable import printable
from streamer.sinks.prose import prose

_NAME = 2
"""Column of the names; before it a mark and the index."""
_COLUMNS_BETWEEN = 3
"""Between the texts of two columns: a line and a space on either side."""


def list_devices(as_json: AsJsonInstead = False) -> None:
    """List the microphones and other inputs; choose one with `streamer run --device INDEX|NAME`."""
    inputs = asyncio.run(find_inputs())
    if as_json:
        typer.echo(json.dumps([asdict(one) for one in inputs], ensure_ascii=False, indent=2))
    elif inputs:
        console = Console()
        console.print(_table(inputs, console.width))
        typer.echo(sound_words().default_input)
        if servers := [one.name for one in inputs if one.name in SERVERS]:
            typer.echo(prose(sound_words().server_input.format(servers=" / ".join(servers)), sys.stdout))
    if not inputs:
        raise AudioDeviceError(no_input())


def _table(inputs: Sequence[InputDevice], columns: int) -> Table:
    """The inputs, in a terminal of so many columns: index and name, which choose one, are whole, others may lack."""
    rows = [("", *sound_words().input_columns)]
    for one in inputs:
        mark = "*" if one.is_default else ""
        # Names are text from outside: never markup, never terminal escapes.
        rows.append((mark, str(one.index), printable(one.name), one.host_api, str(one.channels), str(one.rate)))
    wide = [max(map(columns_of, cells)) + _COLUMNS_BETWEEN for cells in zip(*rows, strict=True)]
    wide[_NAME] = max(columns_of(word) for row in rows for word in row[_NAME].split()) + _COLUMNS_BETWEEN
    shown = len(wide)
    while shown > _NAME + 1 and sum(wide[:shown]) + 1 > columns:
        shown -= 1
    table = Table()
    for number, heading in enumerate(rows[0][:shown]):
        table.add_column(heading, no_wrap=number != _NAME, overflow="fold" if number == _NAME else "ellipsis")
    for row in rows[1:]:
        table.add_row(*(Text(cell) for cell in row[:shown]))
    return table
