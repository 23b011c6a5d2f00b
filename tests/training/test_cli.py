from __future__ import annotations

import signal
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.errors import SettingsError
from streamer.training.cli import app

COMMANDS = ["tokens", "synth", "acoustic", "export", "evaluate"]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command: str) -> None:
    outcome = CliRunner().invoke(app, [command, "--help"])
    assert outcome.exit_code == 0
    assert "--config" in outcome.output


@pytest.mark.parametrize("command", [["tokens"], ["synth"]])
def test_a_missing_settings_file_is_named(command: list[str], tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, [*command, "--config", str(tmp_path / "absent.toml")])
    assert isinstance(outcome.exception, SettingsError)
    assert "absent.toml" in str(outcome.exception)


@pytest.mark.train
def test_static_and_int8_exclude_each_other(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["export", str(tmp_path / "x.onnx"), "--static", "--int8"])
    assert outcome.exit_code == 2
    assert "--static" in outcome.output


@pytest.mark.train
def test_a_card_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    (tmp_path / "tokens.txt").write_text("ba1\n", encoding="utf-8")
    config = tmp_path / "train.toml"
    config.write_text(f'[paths]\ntokens = "{tmp_path}/tokens.txt"\n[train]\ndevice = "cuda"\n', encoding="utf-8")
    outcome = CliRunner().invoke(app, ["acoustic", "--config", str(config)])
    assert isinstance(outcome.exception, SettingsError)
    assert "device 'cuda': PyTorch finds no graphics card here" in str(outcome.exception)
