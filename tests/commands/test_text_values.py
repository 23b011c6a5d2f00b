"""Text of the command line that is no UTF-8, as a terminal sends it that uses GBK."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.cli import app

GBK = "张三".encode("gbk")
BROKEN_TOPIC = b"mqtt://127.0.0.1:1/\xff/room"


def streamer(folder: Path, *arguments: str | bytes) -> subprocess.CompletedProcess[str]:
    """The program, as a process with a data folder of its own: standard error shows a traceback, too."""
    command = [sys.executable, "-m", "streamer", *arguments]
    environment = os.environ | {"COLUMNS": "200", "LANG": "C.UTF-8", "XDG_DATA_HOME": str(folder)}
    return subprocess.run(command, capture_output=True, encoding="utf-8", env=environment, check=False, timeout=60)


@pytest.mark.parametrize(
    ("arguments", "named", "shown"),
    [
        (("run", "--source", "demo", "--hotword", "李明", "--hotword", GBK), "'--hotword'", r"'\xd5\xc5\xc8\xfd'"),
        (("run", "--source", "demo", "--title", b"A" + GBK), "'--title'", r"'A\xd5\xc5\xc8\xfd'"),
        (("run", "--source", "demo", "--room", GBK), "'--room'", r"'\xd5\xc5\xc8\xfd'"),
        (("run", "--source", "demo", "--mqtt", BROKEN_TOPIC), "'--mqtt'", r"'mqtt://127.0.0.1:1/\xff/room'"),
        (("watch", BROKEN_TOPIC), "'mqtt://HOST/PREFIX/ROOM'", r"'mqtt://127.0.0.1:1/\xff/room'"),
        (("transcribe", "a.wav", "--hotword", GBK), "'--hotword'", r"'\xd5\xc5\xc8\xfd'"),
        (("meetings", "edit", "last", "1", GBK), "'TEXT'", r"'\xd5\xc5\xc8\xfd'"),
    ],
)
def test_text_that_is_no_utf_8_is_refused_and_named(
    tmp_path: Path, arguments: tuple[str | bytes, ...], named: str, shown: str
) -> None:
    environment = {"COLUMNS": "200", "XDG_DATA_HOME": str(tmp_path)}
    ended = CliRunner().invoke(app, list(map(os.fsdecode, arguments)), env=environment)

    assert ended.exit_code == 2
    assert f"Invalid value for {named}: {shown} is not UTF-8" in ended.stderr


def test_what_is_refused_leaves_no_traceback(tmp_path: Path) -> None:
    ended = streamer(tmp_path, "run", "--source", "demo", "--title", b"A" + GBK)

    assert ended.returncode == 2
    assert r"Invalid value for '--title': 'A\xd5\xc5\xc8\xfd' is not UTF-8" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_name_of_a_file_may_be_any_bytes(tmp_path: Path) -> None:
    missing = os.fsencode(tmp_path) + b"/" + GBK + b".wav"

    ended = streamer(tmp_path, "run", "--source", missing)

    unread = 4 * "\ufffd"
    assert ended.returncode == 2
    assert ended.stderr == f"streamer: {tmp_path}/{unread}.wav: there is no such file\n"


def test_a_weight_without_quotes_is_told_where_it_belongs(tmp_path: Path) -> None:
    ended = streamer(tmp_path, "run", "--source", "demo", "--hotword", "张伟", "2.5")

    assert ended.returncode == 2
    assert "(2.5); a hotword and its weight stand in quotes: --hotword '张伟 2.5'" in ended.stderr
