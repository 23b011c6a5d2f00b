"""``--format``: how transcripts are written."""

from __future__ import annotations

from typing import Annotated

import typer

from streamer.commands.typed import typed_names
from streamer.offline.transcript import TranscriptFormat


def _typed_format(text: str) -> TranscriptFormat:
    """A format in letters of either case, perhaps with the dot of an ending."""
    try:
        return TranscriptFormat(*typed_names(text))
    except (TypeError, ValueError):
        expected = ", ".join(TranscriptFormat)
        raise typer.BadParameter(f"{text!r} is not one of {expected}") from None


FormatOption = Annotated[
    TranscriptFormat | None,
    typer.Option(
        "--format",
        "-f",
        metavar="|".join(TranscriptFormat),
        parser=_typed_format,
        help="Default: the ending of --out, or txt. json: an object a line.",
    ),
]
