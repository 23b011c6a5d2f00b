"""``--stop-after-silence``: minutes without speech that end a meeting."""

from __future__ import annotations

import contextlib
from typing import Annotated

import typer

from streamer.settings.pipeline import LONGEST_SILENCE_MIN


def _minutes(text: str) -> float:
    with contextlib.suppress(ValueError):
        if 0 <= (minutes := float(text)) <= LONGEST_SILENCE_MIN:
            return minutes
    raise typer.BadParameter(
        f"{text!r}; expected a number of minutes from 0 (the meeting goes on) to {LONGEST_SILENCE_MIN}"
    )


Silence = Annotated[
    float | None,
    typer.Option("--stop-after-silence", parser=_minutes, metavar="MIN", help="End after so many minutes of silence."),
]
