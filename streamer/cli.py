"""The ``streamer`` command: its subcommands, and what a person sees when one fails."""

from __future__ import annotations

import sys

import typer

from streamer import __version__
from streamer.commands import models
from streamer.errors import StreamerError

app = typer.Typer(
    name="streamer",
    help="Live captions and minutes for Mandarin meetings.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(models.app)


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
        app()
    except StreamerError as error:
        typer.echo(f"streamer: {error}", err=True)
        sys.exit(error.exit_code)
