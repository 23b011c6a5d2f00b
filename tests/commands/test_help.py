from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from streamer.cli import app


@pytest.mark.parametrize(
    "command", [[], ["run"], ["meetings"], ["models"], ["train"], ["train", "language"]], ids=" ".join
)
def test_no_command_offers_to_install_a_completion(command: list[str]) -> None:
    outcome = CliRunner().invoke(app, [*command, "--help"], catch_exceptions=False)

    assert outcome.exit_code == 0
    assert "completion" not in outcome.stdout


def helps(command: Any, name: str = "streamer") -> Iterator[tuple[str, str]]:
    """Every help text, of commands and their options, with the command's name."""
    yield name, command.help or ""
    yield from ((name, getattr(one, "help", None) or "") for one in command.params)
    if hasattr(command, "list_commands"):
        context = typer.Context(command)
        for each in command.list_commands(context):
            yield from helps(command.get_command(context, each), f"{name} {each}")


def test_no_help_holds_what_is_left_out_as_a_style() -> None:
    """``[word]`` names a style where help is drawn, and the word is gone."""
    found = list(helps(typer.main.get_command(app)))

    assert [one for one in found if re.search(r"\[/?[a-z]", one[1])] == []
    assert len({name for name, _ in found}) > 40
