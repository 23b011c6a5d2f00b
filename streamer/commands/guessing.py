"""What somebody meant who typed a command that there is not."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

import typer.core

from streamer.commands.told_usage import UsageError

_CLOSE = 0.6
"""Share of letters in common from which on a name is guessed."""


class GuessingCommands(typer.core.TyperGroup):
    """Commands that guess at a misspelt one, also among those of the group above or of a group below."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that the first argument names.

        Raises:
            click.UsageError: there is none; the message says which may be meant.
        """
        try:
            return super().resolve_command(ctx, args)
        except UsageError as error:
            name = args[0]
            if self.get_command(ctx, name) is None and not name.startswith("-"):
                error.message = unknown_command(name, {**self.elsewhere(ctx), **self.called(ctx)})
            raise

    def elsewhere(self, ctx: Any) -> Mapping[str, str]:
        """Commands of other groups that may be meant: how each is called, by its name."""
        above = ctx.parent.command
        return {one: f"streamer {one}" for one in above.list_commands(ctx.parent)}

    def called(self, ctx: Any) -> Mapping[str, str]:
        """How its own commands are called, by their names."""
        return {one: f"streamer {self.name} {one}" for one in self.list_commands(ctx)}


def unknown_command(name: str, commands: Mapping[str, str]) -> str:
    """That there is no such command, and which ones may be meant.

    Args:
        name: what was typed.
        commands: how each command is called, by its name.
    """
    close = get_close_matches(name.lower(), commands, n=2, cutoff=_CLOSE)
    if name.lower() in commands:
        close = [name.lower()]
    told = " or ".join(f"`{commands[one]}`" for one in close)
    return f"No such command '{name}'{f': did you mean {told}?' if told else '.'}"
