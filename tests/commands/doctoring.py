"""``streamer doctor`` as a command, and a pack that it checks."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from streamer.commands.doctor import doctor
from tests.tonepack import write_tone_pack

app = typer.Typer(pretty_exceptions_enable=False)
app.command()(doctor)


_TESTS = Path(__file__).parents[1]


@pytest.fixture
def many_inputs(monkeypatch: pytest.MonkeyPatch) -> None:
    """A webcam, which is the default, and two microphones, to capture processes."""
    monkeypatch.setenv("PYTHONPATH", f"{_TESTS / 'audio' / 'fake_portaudio'}{os.pathsep}{_TESTS.parent}")
    monkeypatch.setenv("FAKE_MICROPHONE", "many")


@pytest.fixture
def static_pack(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones", static=True)


def run(*arguments: str) -> tuple[int, dict[str, dict[str, str]]]:
    outcome = CliRunner().invoke(app, ["--json", *arguments], catch_exceptions=False)
    return outcome.exit_code, {line["name"]: line for line in map(json.loads, outcome.stdout.splitlines())}
