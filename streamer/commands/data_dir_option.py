"""``--data-dir``: an option that several commands have."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from streamer.errors import SettingsError
from streamer.sinks.printable import printable


def _folder(given: str | Path) -> Path:
    """The folder named; nothing is not the current one, but a variable of a script that is not set."""
    if not str(given).strip():
        raise SettingsError(f"--data-dir {given!r} names no folder: leave it out for the user's own, or name one")
    return Path(given)


def as_given(data_dir: Path | None) -> str:
    """The option as it was given, for a command that a person copies from the screen; with a space before it."""
    return "" if data_dir is None else f" --data-dir {shlex.quote(printable(str(data_dir)))}"


DataDir = Annotated[
    Path | None, typer.Option("--data-dir", parser=_folder, metavar="FOLDER", help="Where meetings are kept.")
]
