"""A question before something is deleted, answered in Chinese or in English."""

from __future__ import annotations

import sys

import typer

from streamer.commands.meetings.words import screen_language, words
from streamer.commands.typed import in_ascii

_YES = frozenset({"y", "yes", "是", "是的"})
_NO = frozenset({"", "n", "no", "否", "不", "不是"})
_CHOICE = {"zh": "[y=是/N=否]", "en": "[y/N]"}
_EXPECTED = {"zh": "请回答 y（是）或 n（否）", "en": "expected y (yes) or n (no)"}


def require_consent(question: str, *, err: bool) -> None:
    """Ask, again until the answer is understood; nothing typed is a no.

    Args:
        question: what is asked, in the language of the screen.
        err: ask on standard error, because standard output is for a program.

    Raises:
        typer.Exit: the answer was no, or there was none; that nothing was deleted is said.
        KeyboardInterrupt: Ctrl-C; the same is said.
    """
    answer = None
    while answer not in _YES:
        if answer is not None:
            typer.echo(_EXPECTED[screen_language()], err=err)
        typer.echo(f"{question} {_CHOICE[screen_language()]}: ", nl=False, err=err)
        try:
            line = _line()
        except KeyboardInterrupt:  # that it was interrupted is said by whoever runs the command
            typer.echo(f"\n{words().kept_as_it_is}", err=err)
            raise
        answer = in_ascii(line).strip().lower()
        if answer in _NO:
            if not line:  # the question's line was not ended by whoever answers
                typer.echo(err=err)
            typer.echo(words().kept_as_it_is, err=err)
            raise typer.Exit(1)


def _line() -> str:
    """A line of standard input; empty at its end, a question mark where its encoding is another."""
    try:
        return sys.stdin.readline()
    except UnicodeDecodeError:
        return "?\n"
