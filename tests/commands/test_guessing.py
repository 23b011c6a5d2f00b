from __future__ import annotations

import pytest
from typer.testing import CliRunner

from streamer.cli import app


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["trnascribe"], "No such command 'trnascribe': did you mean `streamer transcribe`?"),
        (["RUN"], "No such command 'RUN': did you mean `streamer run`?"),
        (["summarise", "last"], "No such command 'summarise': did you mean `streamer summarize`?"),
        (["redo", "last"], "No such command 'redo': did you mean `streamer meetings redo`?"),
        (["list"], "No such command 'list': did you mean `streamer meetings list`?"),
        (["exprot"], "No such command 'exprot': did you mean `streamer meetings export`?"),
        (["meetings", "shwo"], "No such command 'shwo': did you mean `streamer meetings show`?"),
        (["meetings", "summarise"], "No such command 'summarise': did you mean `streamer summarize`?"),
        (["meetings", "recover"], "No such command 'recover': did you mean `streamer recover`?"),
        (["models", "lst"], "No such command 'lst': did you mean `streamer models list`?"),
        (["xyz"], "No such command 'xyz'."),
        (["meetings", "会议"], "No such command '会议'."),
    ],
)
def test_a_command_that_there_is_not_is_guessed(arguments: list[str], told: str) -> None:
    outcome = CliRunner().invoke(app, arguments)

    assert outcome.exit_code == 2
    assert told in " ".join(outcome.stderr.replace("│", " ").split())


def test_an_option_that_there_is_not_is_no_command() -> None:
    assert "No such option: --verison" in CliRunner().invoke(app, ["--verison"]).stderr
