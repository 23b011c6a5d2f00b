"""A command with all that are below it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any


def with_subcommands(command: Any) -> Iterator[Any]:
    """The command itself (click's, or a group of them), and all of its subcommands, however deep."""
    yield command
    for subcommand in getattr(command, "commands", {}).values():
        yield from with_subcommands(subcommand)
