"""What `streamer run` says when a meeting has ended."""

from __future__ import annotations

import asyncio
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import soundfile

from streamer.commands import run
from streamer.errors import RecordingError, StoreError
from streamer.pipeline import MeetingReport
from streamer.rooms import RoomOutcome
from streamer.types import SAMPLE_RATE
from tests.brokers import Mosquitto, free_port, subscribed
from tests.meeting.material import STARTED
from tests.running import ROOT, TEXTS, Program, show_to_end, show_until
from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal
from tests.tonepack import hiss


def test_what_was_odd_about_a_file_is_told_when_it_ends(tmp_path: Path) -> None:
    program = Program(tmp_path)
    sound, rate = soundfile.read(program.sound, dtype="float32")
    sound[100:103] = 1.5
    soundfile.write(program.sound, sound, rate, subtype="FLOAT")
    odd = "tones.wav：3 个采样超出满幅，已削波"

    assert f"! {odd}" in program.run("--fast", "--plain").stdout.splitlines()
    events = [json.loads(line) for line in program.run("--fast", "--json").stdout.splitlines()]
    assert [event["text"] for event in events if event.get("key") == "sound.remark"] == [odd]


def test_the_end_does_not_wait_for_whoever_does_not_read_what_follows_the_lines(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=1)
    with (program.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[pipeline]\nsink_drain_s = 0.5\n")
    with PseudoTerminal() as terminal, program.start_on(terminal, "--plain") as process:
        while TEXTS[0] not in terminal.read(0.05):
            assert process.poll() is None
        terminal.fill()
        process.wait(25)

    assert process.returncode == 0
    assert program.ended()


def test_the_end_does_not_wait_for_whoever_does_not_read_its_events(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with (program.folder / "config.toml").open("a", encoding="utf-8") as config:
        config.write("[pipeline]\nsink_drain_s = 0.5\n")
    with PseudoTerminal() as terminal, program.start_on(terminal, "--json", "--fast") as process:
        os.write(terminal.test, b"\x13")  # Ctrl-S
        process.wait(25)

    assert process.returncode == 0
    assert (program.stored(), program.ended()) == (TEXTS, True)


def test_whoever_leaves_at_once_is_told_how_the_meeting_gets_its_end(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator(120)
        show_until(TEXTS[0], terminal, emulator, process)
        os.write(terminal.test, b"\x1c")  # Ctrl-\
        show_to_end(terminal, emulator, process)

    assert process.returncode == 130
    last_words = "".join(emulator.rows()[-3:])
    assert re.search(
        r"会议 \S+ 没有正常结束；运行 `streamer recover \S+ --data-dir \S+` 补全文字并结束它。$", last_words
    )


def hold_and_take_away(program: Program, name: str, output: str = "--plain") -> tuple[int, list[str]]:
    """Hold a meeting, and move what is called so out of the data folder as it runs; exit code, last words or events."""
    with program.start(output) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert any(("tones" if output == "--plain" else "segment_finalized") in line for line in process.stdout)
        next(program.data.glob(name)).rename(program.folder / "moved")
        events = process.stdout.read().splitlines()
        told = process.stderr.read().splitlines()
    return process.returncode, events if output == "--json" else told


_LEFT_AT_ONCE = """
import asyncio, atexit, sys
from streamer import cli
from streamer.commands import run

async def leave(rooms, remarks):
    raise asyncio.CancelledError

atexit.register(print, "Python has ended")
run.run_rooms = leave
sys.argv[1:] = ["run", "--source", "demo", "--data-dir", sys.argv[1]]
cli.main()
"""


def test_whoever_leaves_at_once_does_not_end_threads_in_the_middle_of_a_library(tmp_path: Path) -> None:
    """Python's own end would, where a model still runs: ONNX Runtime aborts the process then."""
    command = [sys.executable, "-c", _LEFT_AT_ONCE, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (130, "", "Interrupted.\n")


def test_minutes_whose_folder_was_moved_away_are_where_it_was(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=1)
    code, told = hold_and_take_away(program, "meetings/*")
    (folder,) = (program.data / "meetings").iterdir()

    assert (code, told[-2:]) == (0, program.where_it_is())
    assert [
        line.split("] ")[1] for line in (folder / "minutes.txt").read_text("utf-8").splitlines() if "] " in line
    ] == TEXTS[:1]


def test_programs_learn_that_sound_is_where_the_folder_was_moved_to(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=2)
    code, told = hold_and_take_away(program, "meetings/*", "--json")
    (folder,) = (program.data / "meetings").iterdir()

    ended, lacking = (json.loads(line) for line in told[-2:])
    assert (code, ended["event"], lacking["event"], lacking["key"]) == (0, "meeting_ended", "notice", "store.missing")
    assert lacking["text"].endswith(f" 秒：当时没有录下，或文件已不在 {folder} 里")


def test_minutes_that_have_no_place_any_more_are_an_error_that_says_what_writes_them(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=1)
    code, told = hold_and_take_away(program, "meetings")
    meeting_id, folder = program.where_it_is()[1].split("（")[0].split("：")[1], program.where_it_is()[0].split("：")[1]
    command = f"streamer meetings export {meeting_id} --data-dir {program.data}"

    assert code == 4
    assert not [line for line in told if line.startswith("会议记录：")]
    assert told[-1] == (
        f"纪要没有全部写下：无法写入：没有这个文件或文件夹：'{folder}'；请腾出空间，或检查文件夹；"
        f"文字已保存：`{command}` 把它写成文件"
    )
    subprocess.run([sys.executable, "-m", *shlex.split(command)], cwd=tmp_path, env=program.environment(), check=True)
    assert TEXTS[0] in next(tmp_path.glob("*.md")).read_text("utf-8")


@pytest.mark.parametrize(
    ("failure", "kept"),
    [
        (StoreError("captions (9) and the end are not in the meeting"), ""),
        (RecordingError("3.0 s of sound are missing"), "; the meeting itself is kept: `streamer meetings show {}`"),
    ],
)
def test_that_a_meeting_is_kept_is_said_where_its_captions_are_in_the_store(failure: StoreError, kept: str) -> None:
    refusals = {"plain": "No space left on device"}
    outcome = RoomOutcome("r", MeetingReport(STARTED, 7 * SAMPLE_RATE, 0, failure, refusals), None)

    assert str(run._failure_of(outcome, "")) == (
        f"{failure}\nstandard output did not take everything: No space left on device; "
        f"make room where it is written, or write it elsewhere{kept.format(STARTED.meeting_id)}"
    )


def test_the_lines_after_several_meetings_name_their_rooms(tmp_path: Path) -> None:
    program = Program(tmp_path)
    rooms = [f'\n[[room]]\nname = "{name}"\nsource = "{program.sound}"\n' for name in ("board", "lab")]
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[mqtt]\nurl = "mqtt://127.0.0.1:{free_port()}"\ndrain_s = 0.1\n' + "".join(rooms))
    command = [sys.executable, "-m", "streamer", "run", "--fast", "--plain", "--config", str(tmp_path / "config.toml")]
    command += ["--data-dir", str(program.data)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=program.environment(), cwd=ROOT, timeout=60, check=True
    )
    told = [line.split("：")[0] for line in done.stderr.splitlines() if line.startswith("[")]
    unsent = "3 条消息（字幕及其修订）尚未送达"

    assert [line.split(" 127.")[0] for line in told] == [
        *("[board] 会议记录", "[board] 会议编号", f"[board] {unsent}"),
        *("[lab] 会议记录", "[lab] 会议编号", f"[lab] {unsent}"),
    ]


def test_that_captions_wait_is_said_once(tmp_path: Path) -> None:
    program, port = Program(tmp_path), free_port()
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\ndrain_s = 0.1\n')
    told = program.run("--fast", "--plain").stderr.splitlines()

    assert [line for line in told if f"127.0.0.1:{port}" in line] == [
        f"3 条消息（字幕及其修订）尚未送达 127.0.0.1:{port}，这个房间下次用它运行时发送"
    ]


def test_beside_events_a_person_is_told_where_the_meeting_is_and_what_waits(tmp_path: Path) -> None:
    program, port = Program(tmp_path, sentences=1), free_port()
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}"\ndrain_s = 0.1\n')
    done = program.run("--fast", "--json")

    assert json.loads(done.stdout.splitlines()[-1])["event"] == "meeting_ended"
    assert done.stderr.splitlines() == [
        *program.where_it_is(),
        f"1 条消息（字幕及其修订）尚未送达 127.0.0.1:{port}，这个房间下次用它运行时发送",
    ]


def test_events_that_are_read_together_with_standard_error_stay_alone(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=1)
    together = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    done = subprocess.run(
        program.command("--fast", "--json"), env=program.environment(), cwd=ROOT, timeout=60, check=True, **together
    )

    assert json.loads(done.stdout.splitlines()[-1])["event"] == "meeting_ended"


@pytest.mark.broker
async def test_a_broker_that_was_away_and_misses_only_the_end_is_told_by_recover(tmp_path: Path) -> None:
    program, port = Program(tmp_path), free_port()
    soundfile.write(program.sound, hiss(1.0), 16_000)
    with (tmp_path / "config.toml").open("a", encoding="utf-8") as config:
        config.write(f'[mqtt]\nurl = "mqtt://127.0.0.1:{port}/streamer"\ndrain_s = 0.1\n')
    done = program.run("--fast", "--plain", "--room", "lab")
    told = done.stderr.splitlines()[-1]
    advice = re.fullmatch(
        rf"尚未告知 127.0.0.1:{port} 会议已结束；运行 `streamer (recover (\S+) --data-dir \S+)` 告知", told
    )
    assert advice is not None

    command = [sys.executable, "-m", "streamer", *shlex.split(advice[1])]
    async with Mosquitto(tmp_path, port=port), subscribed(port) as seen:
        await asyncio.to_thread(subprocess.run, command, cwd=ROOT, env=program.environment(), check=True)
        await seen.until(lambda seen: seen.messages)
    ((topic, payload, _),) = seen.messages

    assert topic == "streamer/lab/meeting"
    assert (json.loads(payload)["meeting"], json.loads(payload)["state"]) == (advice[2], "ended")
