"""What a terminal of another encoding than UTF-8 shows: characters that it does not have never end a command."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.meeting.material import STARTED

ROOT = Path(__file__).parents[2]


def told(environment: dict[str, str], encoding: str, *arguments: str | Path) -> str:
    """Standard output of a command that went well."""
    done = subprocess.run(
        [sys.executable, "-m", "streamer", *map(str, arguments)],
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        cwd=ROOT,
        timeout=60,
        check=True,
    )
    return done.stdout.decode(encoding)


def told_in_gbk(*arguments: str | Path) -> str:
    """On a terminal with the encoding of a Chinese Windows."""
    return told({"PYTHONIOENCODING": "gbk"}, "gbk", *arguments)


@pytest.mark.parametrize("command", ["list", "show", "search"])
def test_a_character_that_the_terminal_does_not_have_is_a_question_mark(meetings, tmp_path, command):
    meetings("rename", STARTED.meeting_id, "周会😀")
    what = {"list": (), "show": (STARTED.meeting_id,), "search": ("周会",)}[command]

    assert "周会?" in told_in_gbk("meetings", command, *what, "--data-dir", tmp_path / "data")


@pytest.mark.skipif(not sys.executable.isascii(), reason="numpy cannot be loaded from such a folder in ASCII")
def test_where_there_is_ascii_only_other_characters_are_question_marks(meetings, tmp_path):
    meetings("rename", STARTED.meeting_id, "周会 7")
    ascii_only = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}

    assert "?? 7" in told(ascii_only, "ascii", "meetings", "list", "--data-dir", tmp_path / "data")


def test_json_escapes_what_the_terminal_does_not_have(meetings, tmp_path):
    meetings("rename", STARTED.meeting_id, "周会😀\U000e0001")
    (listed,) = json.loads(told_in_gbk("meetings", "list", "--json", "--data-dir", tmp_path / "data"))

    assert listed["title"] == "周会😀\U000e0001"


def test_that_a_file_lacks_characters_is_said_once(meetings, tmp_path):
    meetings("rename", STARTED.meeting_id, "周会")
    command = [sys.executable, "-m", "streamer", "meetings", "list", "--data-dir", str(tmp_path / "data")]
    environment = os.environ | {"PYTHONIOENCODING": "iso8859-1"}

    told = subprocess.run(command, env=environment, capture_output=True, cwd=ROOT, timeout=60, check=True).stderr

    assert told.decode() == (
        "streamer: standard output is in iso8859-1, which lacks '\\u5468': such characters become question marks; "
        "PYTHONUTF8=1 or a UTF-8 locale (LC_ALL=C.UTF-8) keeps them\n"
    )
