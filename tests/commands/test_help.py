from __future__ import annotations

import pytest
from typer.testing import CliRunner

from streamer.cli import app


@pytest.mark.parametrize(
    "command", [[], ["run"], ["meetings"], ["models"], ["train"], ["train", "language"]], ids=" ".join
)
def test_no_command_offers_to_install_a_completion(command: list[str]) -> None:
    outcome = CliRunner().invoke(app, [*command, "--help"], catch_exceptions=False)

    assert outcome.exit_code == 0
    assert "completion" not in outcome.stdout
