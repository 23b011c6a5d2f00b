"""Options that several commands have, or that check what is given."""

from __future__ import annotations

import contextlib
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from streamer.commands.typed import in_ascii
from streamer.errors import SettingsError
from streamer.settings.pipeline import LONGEST_SILENCE_MIN

_EARLIEST_YEAR = 1980
"""Before it nothing can be dated in a ZIP, which a Word file is."""
_DATE = re.compile(r"^(\d{4})[年/](\d{1,2})[月/](\d{1,2})日?\s*")
"""Dates as Chinese people write them."""


def _minutes(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (minutes := float(text)) <= LONGEST_SILENCE_MIN:
            return minutes
    raise typer.BadParameter(
        f"{text!r}; expected a number of minutes from 0 (the meeting goes on) to {LONGEST_SILENCE_MIN}"
    )


def _began(text: str) -> datetime:
    typed = _DATE.sub(lambda date: "{}-{:0>2}-{:0>2} ".format(*date.groups()), in_ascii(text).strip()).strip()
    with contextlib.suppress(ValueError, OverflowError):  # the calendar's first days are none in another zone
        at = datetime.fromisoformat(typed).astimezone(UTC)
        if len(typed) > len("2026-11-20") and at.year >= _EARLIEST_YEAR and at <= datetime.now(UTC):
            return at
    raise typer.BadParameter(f"{text!r}; expected a date and a time that are over, as '2026-11-20 14:30'")


Began = Annotated[
    datetime | None,
    typer.Option(
        "--began",
        parser=_began,
        metavar="'YYYY-MM-DD HH:MM'",
        help="When the recording in a file or on stdin was made.",
    ),
]
Config = Annotated[
    Path | None, typer.Option("--config", metavar="FILE.toml", help="Settings; see config/default.toml.")
]
Pack = Annotated[str | None, typer.Option(help="Name of an installed model pack, or path of a pack folder.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
AsJsonInstead = Annotated[bool, typer.Option("--json", help="Print JSON instead of a table.")]
AsEvents = Annotated[bool, typer.Option("--json", help="One JSON event a line; see config/events.schema.json.")]
Plain = Annotated[bool, typer.Option("--plain", help="Plain lines instead of the live view.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Silence = Annotated[
    float | None,
    typer.Option("--stop-after-silence", parser=_minutes, metavar="MIN", help="End after so many minutes of silence."),
]
HotwordOption = Annotated[
    list[str] | None,
    typer.Option("--hotword", metavar="WORD", help="Name or term to favour, as 张伟 or '张伟 2.5'; may be repeated."),
]
HotwordFileOption = Annotated[
    Path | None,
    typer.Option(
        "--hotword-file", metavar="FILE", help="List of more, one a line; `run` reads it again when it has changed."
    ),
]


def hotword_overrides(words: list[str] | None, file: Path | None) -> dict[str, Any]:
    """What goes over ``[hotwords]``: what is given here takes the place of what the configuration has.

    Raises:
        SettingsError: a word is missing, and the option behind it was taken for it.
    """
    for word in words or ():
        if word.startswith("--"):
            raise SettingsError(f"--hotword {word!r}: the word is missing, and {word!r} is an option")
    return given(words=words or None, file=None if file is None else str(file))


def given(**values: object) -> dict[str, Any]:
    """What goes over a table of the configuration: the options that are given."""
    return {key: value for key, value in values.items() if value is not None}
