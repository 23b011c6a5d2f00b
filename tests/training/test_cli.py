from __future__ import annotations

import errno
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.errors import MissingDependencyError, SettingsError
from streamer.training import cli, pytorch
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


@pytest.mark.parametrize(
    "command", [["evaluate", "table.tsv", "--model", "model.onnx"], ["language", "evaluate", "model.onnx"]]
)
def test_without_pytorch_its_extra_is_named(
    command: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("table.tsv", "model.onnx"):
        (tmp_path / name).touch()
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(pytorch, "find_spec", lambda _: None)
    outcome = CliRunner().invoke(app, command)
    assert isinstance(outcome.exception, MissingDependencyError)
    assert "PyTorch is missing; install streamer's extra: " in str(outcome.exception)


def test_without_another_package_its_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "streamer.training.inventory", raising=False)
    monkeypatch.delitem(sys.modules, "streamer.text.pinyin", raising=False)
    monkeypatch.setitem(sys.modules, "pypinyin", None)
    (tmp_path / "text.txt").write_text("你好\n", encoding="utf-8")
    outcome = CliRunner().invoke(app, ["tokens", "--config", str(_paths(tmp_path))])
    assert isinstance(outcome.exception, MissingDependencyError)
    assert str(outcome.exception).startswith("the package pypinyin is missing; install streamer's extra: ")


def _paths(folder: Path) -> Path:
    """Settings that look for everything in a folder."""
    (folder / "train.toml").write_text(
        f'[paths]\ntexts = "{folder}"\nrecordings = "{folder}"\ntokens = "{folder / "tokens"}"\n', encoding="utf-8"
    )
    return folder / "train.toml"


def test_a_table_is_not_made_of_nothing(tmp_path: Path) -> None:
    (tmp_path / "tokens").write_text("ma1\n", encoding="utf-8")

    outcome = CliRunner().invoke(app, ["tokens", "--config", str(_paths(tmp_path))])

    assert isinstance(outcome.exception, SettingsError)
    assert str(outcome.exception).startswith(f"neither texts (*.txt) in {tmp_path} nor tables of recordings (*.tsv) in")
    assert (tmp_path / "tokens").read_text(encoding="utf-8") == "ma1\n"


def test_a_table_of_other_tokens_is_replaced_only_where_that_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "text.txt").write_text("你好\n", encoding="utf-8")
    (tmp_path / "tokens").write_text("ma1\n", encoding="utf-8")
    command = ["tokens", "--config", str(_paths(tmp_path))]

    refused = CliRunner().invoke(app, command)
    assert isinstance(refused.exception, SettingsError)
    assert str(refused.exception) == (
        f"{tmp_path / 'tokens'} holds another table, of 1 tokens (found now: 28), and models give the numbers of "
        "theirs; name another file as `tokens` of [paths], or have it replaced by --replace"
    )
    assert (tmp_path / "tokens").read_text(encoding="utf-8") == "ma1\n"

    for options in (["--replace"], []):  # one of the same tokens is written anew
        assert CliRunner().invoke(app, command + options).exit_code == 0
    assert "hao3\nni3\nA\n" in (tmp_path / "tokens").read_text(encoding="utf-8")


def test_a_missing_file_of_the_settings_is_named(tmp_path: Path) -> None:
    tokens = tmp_path / "absent" / "tokens.txt"
    (tmp_path / "text.txt").write_text("你好\n", encoding="utf-8")
    (tmp_path / "train.toml").write_text(
        f'[paths]\ntexts = "{tmp_path}"\nrecordings = "{tmp_path}"\ntokens = "{tokens}"\n', encoding="utf-8"
    )
    outcome = CliRunner().invoke(app, ["tokens", "--config", str(tmp_path / "train.toml")])
    assert isinstance(outcome.exception, SettingsError)
    assert str(outcome.exception).startswith(f"{tokens}: No such file or directory (paths of the settings count from ")


@pytest.mark.parametrize("file", [None, "here/last.new"])
def test_a_full_disk_is_told_of(monkeypatch: pytest.MonkeyPatch, file: str | None) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", file)

    monkeypatch.setattr(cli, "load_settings", full)
    outcome = CliRunner().invoke(app, ["tokens"])

    where = file or "where the settings have sound and checkpoints written"
    assert isinstance(outcome.exception, SettingsError)
    assert str(outcome.exception) == f"{where}: No space left on device; free some, then give the command again"


@pytest.mark.train
def test_static_and_int8_exclude_each_other(tmp_path: Path) -> None:
    outcome = CliRunner().invoke(app, ["export", str(tmp_path / "x.onnx"), "--static", "--int8"])
    assert outcome.exit_code == 2
    assert "--static" in outcome.output


@pytest.mark.train
def test_a_card_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    torch = pytest.importorskip("torch")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(cli, "stop_at_signals", lambda: None)
    (tmp_path / "tokens.txt").write_text("ba1\n", encoding="utf-8")
    config = tmp_path / "train.toml"
    config.write_text(f'[paths]\ntokens = "{tmp_path}/tokens.txt"\n[train]\ndevice = "cuda"\n', encoding="utf-8")
    outcome = CliRunner().invoke(app, ["acoustic", "--config", str(config)])
    assert isinstance(outcome.exception, SettingsError)
    assert "device 'cuda': PyTorch finds no graphics card here" in str(outcome.exception)
