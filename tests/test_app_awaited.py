"""`streamer run` where a microphone is plugged in later."""

from __future__ import annotations

import json
import signal
import sqlite3
import subprocess
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from tests.heard import events, finals, likeness, until_quiet
from tests.microphone import LATE, VirtualMicrophone, virtual_microphone  # noqa: F401 - a fixture
from tests.running import ROOT, TEXTS, Program, rest_of, wait_for_line

pytestmark = pytest.mark.microphone


def meetings(program: Program) -> int:
    with closing(sqlite3.connect(program.data / "streamer.db")) as connection:
        return int(connection.execute("SELECT count(*) FROM meetings").fetchone()[0])


def test_captions_come_when_the_microphone_is_plugged_in(
    tmp_path: Path,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    program = Program(tmp_path, sentences=2)
    with program.start("--json", "--device", LATE, "--wait-for-device", source="mic") as process:
        lines = wait_for_line(process, "device_awaited")
        virtual_microphone.plug_in()
        lines += wait_for_line(process, "status_updated")
        virtual_microphone.play(program.sound, LATE).wait(120)
        lines += until_quiet(process)
        process.send_signal(signal.SIGINT)
        lines += rest_of(process)
    told = events(lines)
    awaited, started = told[:2]

    assert process.returncode == 0
    assert (awaited["device"], started["event"], started["device"]) == (LATE, "meeting_started", LATE)
    assert "lab cannot be opened" in awaited["reason"]
    assert datetime.fromisoformat(awaited["at"]) < datetime.fromisoformat(started["at"])
    assert likeness(finals(lines), TEXTS[:2]) >= 0.75
    assert program.stored() == finals(lines)
    assert program.ended()


def test_waiting_that_is_ended_leaves_no_meeting(
    program: Program,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    with program.start("--json", "--device", LATE, "--wait-for-device", source="mic") as process:
        wait_for_line(process, "device_awaited")
        process.send_signal(signal.SIGTERM)
        (called_off,) = events(rest_of(process))

    assert process.returncode == 0
    assert called_off["event"] == "meeting_called_off"
    assert not (program.data / "streamer.db").exists() or meetings(program) == 0
    assert list((program.data / "meetings").glob("*")) == []


def test_of_several_rooms_one_waits_and_the_others_run(
    tmp_path: Path,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    program = Program(tmp_path, sentences=1)
    config = program.folder / "config.toml"
    rooms = f'[[room]]\nname = "hall"\nsource = "{program.sound}"\n[[room]]\nname = "lab"\ndevice = "{LATE}"\n'
    config.write_text(config.read_text(encoding="utf-8") + rooms, encoding="utf-8")
    command = program.command("--json")
    at = command.index("--source")
    del command[at : at + 2]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, cwd=ROOT, env=program.environment(), **pipes) as process:
        lines = wait_for_line(process, "meeting_ended")
        virtual_microphone.plug_in()
        lines += wait_for_line(process, "status_updated")
        process.send_signal(signal.SIGINT)
        lines += rest_of(process)
    kinds = [(event["room"], event["event"]) for event in map(json.loads, lines)]
    hall = [event["text"] for event in events(lines) if event["event"] == "segment_finalized"]

    assert process.returncode == 0
    assert kinds.index(("lab", "device_awaited")) < kinds.index(("hall", "meeting_ended"))
    assert [text for text in hall if text] == TEXTS[:1]
    assert kinds.index(("hall", "meeting_ended")) < kinds.index(("lab", "meeting_started"))
    assert meetings(program) == 2


def test_models_that_cannot_be_loaded_end_the_wait(
    program: Program,
    virtual_microphone: VirtualMicrophone,  # noqa: F811 - the fixture
) -> None:
    with (program.folder / "pack" / "acoustic.onnx").open("ab") as file:
        file.write(b"damaged")
    done = program.run("--json", "--device", LATE, "--wait-for-device", source="mic")

    assert done.returncode == 3
    assert [event["event"] for event in events(done.stdout.splitlines())] == ["device_awaited", "meeting_called_off"]
    assert "的文件 acoustic.onnx 与清单不符" in done.stderr.splitlines()[-1]
    assert not (program.data / "streamer.db").exists() or meetings(program) == 0
