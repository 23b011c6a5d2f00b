"""``--data-dir``: an option that several commands have."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from streamer.errors import SettingsError
from streamer.places import named
from streamer.settings import Settings
from streamer.sinks.printable import printable


def _folder(given: str | Path) -> Path:
    """The folder named; nothing is not the current one, but a variable of a script that is not set."""
    if not str(given).strip():
        raise SettingsError(f"--data-dir {given!r} names no folder: leave it out for the user's own, or name one")
    return Path(given)


def as_given(data_dir: Path | None) -> str:
    """The option as it was given, for a command that a person copies from the screen; with a space before it."""
    return "" if data_dir is None else f" --data-dir {shlex.quote(printable(str(data_dir)))}"


def where_kept(settings: Settings, data_dir: Path | None) -> str:
    """As :func:`as_given`; a configured folder too, which a command without that configuration would not find."""
    configured = named(settings.store.data_dir).absolute() if settings.store.data_dir else None
    return as_given(configured if data_dir is None else data_dir)


DataDir = Annotated[
    Path | None, typer.Option("--data-dir", parser=_folder, metavar="FOLDER", help="Where meetings are kept.")
]
