"""What a run's log writes beside the captions, and for whom it waits."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import stat
import subprocess
import sys
import threading
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Self

import pytest

from streamer.commands.run_log import run_log
from streamer.errors import StoreError
from streamer.outputs import Output
from streamer.rooms import hold_rooms
from streamer.settings import load_settings
from tests.fakes import ScriptedSource
from tests.pipeline.rig import Rig
from tests.virtual_time import run_virtual

SCRIPT = """
import logging
import sys
from streamer.commands.run_log import run_log
from streamer.errors import NOTICED
from streamer.outputs import Output
from streamer.settings import Settings

with run_log(Output(sys.argv[1]), Settings(), None):
    logging.error("a notice says this too", extra=NOTICED)
    logging.error("only here")
"""


@pytest.mark.parametrize(
    ("output", "stderr", "expected"),
    [
        (Output.PLAIN, subprocess.STDOUT, ["! only here"]),
        (Output.JSON, subprocess.STDOUT, ["ERROR root: only here"]),
        (Output.PLAIN, subprocess.PIPE, ["ERROR root: a notice says this too", "ERROR root: only here"]),
    ],
)
def test_what_a_notice_says_is_not_logged_beside_it_and_the_rest_looks_like_one(
    output: Output, stderr: int, expected: list[str]
) -> None:
    run = subprocess.run(
        [sys.executable, "-c", SCRIPT, output], stdout=subprocess.PIPE, stderr=stderr, text=True, check=True, timeout=60
    )
    lines = (run.stderr or run.stdout).splitlines()

    assert [re.sub(r"^\d{4}-\d\d-\d\d [\d:,]+ ", "", line) for line in lines] == expected


def test_nobody_waits_for_the_disk_of_the_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()

    def is_full(handler: RotatingFileHandler, record: logging.LogRecord) -> bool:
        return not answers.wait(10)

    monkeypatch.setattr(RotatingFileHandler, "shouldRollover", is_full)
    with run_log(Output.TERMINAL, load_settings(), tmp_path):
        logging.getLogger("streamer.test").warning("the disk does not answer")
        answers.set()

    assert (tmp_path / "streamer.log").read_text("utf-8").endswith("the disk does not answer\n")
    assert not (tmp_path / "streamer.log.1").exists()


def test_a_log_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """One that root began, for whom ran the program with another user's home; here it is a folder."""
    (tmp_path / "streamer.log").mkdir()

    with pytest.raises(StoreError) as refused, run_log(Output.TERMINAL, load_settings(), tmp_path):
        pytest.fail("begun")
    assert str(refused.value) == (
        f"cannot write the log {tmp_path}/streamer.log: Is a directory; delete it or make it writable, or name another "
        "folder with --data-dir"
    )


@pytest.mark.parametrize("output", [Output.PLAIN, Output.JSON])
def test_on_a_terminal_a_warning_looks_like_a_notice_wherever_the_captions_go(output: Output) -> None:
    here, there = os.openpty()
    with os.fdopen(there, "wb") as terminal:
        subprocess.run(
            [sys.executable, "-c", SCRIPT, output], stdout=subprocess.PIPE, stderr=terminal, check=True, timeout=60
        )
    with os.fdopen(here, "rb", buffering=0) as screen:
        assert screen.read(4096).decode() == "! a notice says this too\r\n! only here\r\n"


@pytest.mark.parametrize(("rooms", "expected"), [(["lab"], [""]), (["lab", "hall"], ["[lab] ", "[hall] "])])
def test_where_there_are_several_rooms_the_log_says_whose_microphone_is_lost(
    capsys: pytest.CaptureFixture[str], rooms: list[str], expected: list[str]
) -> None:
    class Losing(ScriptedSource):
        async def __aenter__(self) -> Self:
            logging.getLogger("streamer").warning("microphone lost")
            return self

    async def hold() -> None:
        rigs = {room: Rig(room=room, source=Losing(())) for room in rooms}
        await hold_rooms({room: (rig.meeting, rig.sink) for room, rig in rigs.items()})

    with run_log(Output.PLAIN, load_settings(), None):
        run_virtual(hold())

    lines = capsys.readouterr().err.splitlines()
    assert [line.partition("streamer: ")[2].partition("microphone")[0] for line in lines] == expected


def test_a_standard_error_that_nobody_reads_keeps_nobody_waiting_and_gets_everything_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(here, b"." * 4096)
    os.set_blocking(here, True)
    with os.fdopen(here, "w") as error, os.fdopen(there, "rb", buffering=0) as reader:
        monkeypatch.setattr(sys, "stderr", error)
        with run_log(Output.PLAIN, load_settings(), None):
            logging.getLogger("streamer").warning("the disk is full")
        read = b""
        while not read.endswith(b"\n"):
            read += reader.read(4096)

    assert read.strip(b".").endswith(b" the disk is full\n")


def test_the_file_beside_drawn_captions_is_readable_by_the_owner_only_like_all_of_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.commands.run_log._LOG_BYTES", 100)
    before = os.umask(0o022)
    try:
        with run_log(Output.TERMINAL, load_settings(), tmp_path):
            for _ in range(2):  # the second begins a new file
                logging.getLogger("streamer").warning("the title is 周会")
    finally:
        os.umask(before)

    assert {path.name: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.glob("streamer.log*")} == {
        "streamer.log": 0o600,
        "streamer.log.1": 0o600,
    }
