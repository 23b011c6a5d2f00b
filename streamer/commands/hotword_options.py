"""``--hotword`` and ``--hotword-file``: options that several commands have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

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
    """What goes over ``[hotwords]``: what is given here takes the place of what the configuration has."""
    overrides: dict[str, Any] = {}
    if words:
        overrides["words"] = words
    if file is not None:
        overrides["file"] = str(file)
    return overrides
