"""The command that converts, its pack, and an atc that only seems to convert."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from tests.acl_simulator.fixtures import SIMULATOR
from tests.packs.command_line import app
from tests.tonepack import write_tone_pack


def atc(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["atc", *map(str, arguments)])


@pytest.fixture
def static_pack(tmp_path: Path) -> Path:
    return write_tone_pack(tmp_path / "tones", static=True)


@pytest.fixture
def no_atc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


@pytest.fixture
def fake_atc(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Writes fake offline models of the ONNX files it is given, and remembers how it was called."""
    program = tmp_path / "bin" / "atc"
    program.parent.mkdir()
    simulator = shlex.join([sys.executable, f"{SIMULATOR}/om.py"])
    program.write_text(
        f'#!/bin/sh\necho "$@" >> {tmp_path}/calls\n'
        'for each; do case "$each" in --model=*) model="${each#--model=}";; --output=*) output="${each#--output=}";; '
        f'esac; done\necho "ATC start working now"\nexec {simulator} "$model" "$output.om"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}:/usr/bin:/bin")
    return tmp_path / "calls"
