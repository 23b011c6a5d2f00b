"""One kept meeting, and the commands that are given it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from streamer.cli import app
from tests.meeting.kept import hold


@pytest.fixture
def english(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands speak English."""
    monkeypatch.setenv("LC_ALL", "C.UTF-8")


@pytest.fixture
def meetings(tmp_path: Path) -> Callable[..., Result]:
    """Runs ``streamer meetings …`` in a data folder that holds one meeting."""
    hold(tmp_path / "data")

    def run(*arguments: str, answer: str | None = None, ok: bool = True) -> Result:
        command = ["meetings", *arguments, "--data-dir", str(tmp_path / "data")]
        outcome = CliRunner().invoke(app, command, input=answer, catch_exceptions=False)
        assert (outcome.exit_code == 0) is ok, outcome.output
        return outcome

    return run
