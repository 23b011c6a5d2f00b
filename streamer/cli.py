"""The ``streamer`` command: its subcommands, and what a person sees when one fails."""

from __future__ import annotations

import importlib
import signal
import sys
from collections.abc import Mapping
from typing import Any

import typer
import typer.main

from streamer import __version__
from streamer.commands.guessing import GuessingCommands
from streamer.commands.number_values import name_numbers
from streamer.commands.text_values import require_utf8
from streamer.commands.told_failures import in_locale
from streamer.commands.told_usage import usage_told
from streamer.commands.typed import name_dashes, refuse_dashes
from streamer.errors import StreamerError, shortage
from streamer.sinks.printable import printable
from streamer.sinks.printed import printing
from streamer.system.signals import end_at_signals, interrupted, is_ended_by_ctrl_c

_COMMANDS = {
    "run": "streamer.commands.run:run",
    "transcribe": "streamer.commands.transcribe:transcribe",
    "devices": "streamer.commands.devices:list_devices",
    "meetings": "streamer.commands.meetings.group:app",
    "recover": "streamer.commands.recover:recover",
    "summarize": "streamer.commands.summarize:summarize",
    "watch": "streamer.commands.watch:watch",
    "models": "streamer.commands.models:app",
    "train": "streamer.training.cli:app",
    "doctor": "streamer.commands.doctor:doctor",
}
"""Where each subcommand is: a function, or a typer application with subcommands of its own."""


class LazyCommands(GuessingCommands):
    """Imports a subcommand only when it is wanted: captions must start within a second.

    Typer brings click along, in some versions under a name of its own, so click's types are not named here.
    """

    def parse_args(self, ctx: Any, args: list[str]) -> Any:
        """Take the options before the subcommand."""
        refuse_dashes(ctx, args[:1])
        return super().parse_args(ctx, args)

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        """Take what stands before the subcommand apart; what is wrong with it is told in the person's language."""
        with usage_told():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        """As :meth:`make_context`, of the subcommand, which is run then."""
        with usage_told():
            return super().invoke(ctx)

    def called(self, ctx: Any) -> Mapping[str, str]:
        """How its commands are called, by their names."""
        return {one: f"streamer {one}" for one in self.list_commands(ctx)}

    def elsewhere(self, ctx: Any) -> Mapping[str, str]:
        """Those of meetings, which people look for here."""
        meetings = self.get_command(ctx, "meetings")
        return {one: f"streamer meetings {one}" for one in meetings.list_commands(ctx)}

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - click's signature
        """Names of all subcommands, most used first."""
        return list(_COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002 - same
        """A subcommand by its name; None where there is none."""
        if cmd_name not in _COMMANDS:
            return None
        module, _, name = _COMMANDS[cmd_name].partition(":")
        found = getattr(importlib.import_module(module), name)
        if not isinstance(found, typer.Typer):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
            alone.command(cmd_name)(found)
            found = alone
        command = name_numbers(require_utf8(typer.main.get_command(found)))
        return _interruptible(_hinting_at_quotes(name_dashes(command)))


def _hinting_at_quotes(command: Any) -> Any:
    """The same command: a weight that stands beside its hotword, not in it, is no argument of any command."""
    parse = command.parse_args

    def parse_with_hint(ctx: Any, args: list[str]) -> Any:
        has_hotword = "--hotword" in args
        try:
            return parse(ctx, args)
        except Exception as error:  # click's, see above
            message = getattr(error, "message", "")
            if has_hotword and "extra argument" in message:
                error.message = f"{message}; a hotword and its weight stand in quotes: --hotword '张伟 2.5'"  # type: ignore[attr-defined]
            raise

    command.parse_args = parse_with_hint
    return command


def _interruptible(command: Any) -> Any:
    """The same command, to which Ctrl-C is an exception, so that it gives back what it holds.

    That it was interrupted is said here where the command says nothing better itself.
    """
    invoke = command.invoke

    def invoke_interruptibly(ctx: Any) -> Any:
        is_ours = is_ended_by_ctrl_c()
        if is_ours:
            signal.signal(signal.SIGINT, signal.default_int_handler)
        try:
            return invoke(ctx)
        except KeyboardInterrupt:
            typer.echo(interrupted(), err=True)
            raise typer.Exit(128 + signal.SIGINT) from None
        finally:
            if is_ours:
                end_at_signals()

    command.invoke = invoke_interruptibly
    return command


app = typer.Typer(
    name="streamer",
    cls=LazyCommands,
    help="Live captions and minutes for Mandarin meetings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"streamer {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: bool = typer.Option(False, "--version", callback=_print_version, is_eager=True, help="Print the version."),
) -> None:
    """Options before the subcommand."""


def main() -> None:
    """Run the command line; an expected failure is one message on stderr and its exit code."""
    try:
        with printing():
            app()
    except (StreamerError, MemoryError) as error:
        failure = shortage(error) if isinstance(error, MemoryError) else error
        # File names and what libraries say about them come from outside.
        message = "\n".join(printable(line) for line in in_locale(str(failure)).splitlines())
        from streamer.sinks.prose import prose  # noqa: PLC0415 - its widths of characters are large

        typer.echo(prose(f"streamer: {message}", sys.stderr), err=True)
        sys.exit(failure.exit_code)
