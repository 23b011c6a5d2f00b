"""`streamer run` as a process: pipes, signals, exit codes."""

from __future__ import annotations

import json
import signal
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import soundfile

from tests.running import ROOT, SLOWLY, TEXTS, Program, rest_of, wait_for_line
from tests.sinks.pty_terminal import PseudoTerminal


def test_a_file_becomes_lines_of_text_and_a_stored_meeting(program: Program) -> None:
    done = program.run("--fast", "--plain", "--title", "周会")

    assert done.returncode == 0, done.stderr
    assert [line[10:] for line in done.stdout.splitlines()] == [
        "周会 · tones.wav · tones 1",
        *TEXTS,
        "会议结束，时长 00:00:07",
    ]
    assert program.stored() == TEXTS
    assert program.ended()
    assert done.stderr.splitlines() == program.where_it_is()


def test_a_meeting_without_recording_leaves_no_folder_for_it(program: Program) -> None:
    done = program.run("--fast", "--plain", "--no-recording")

    assert done.returncode == 0, done.stderr
    assert program.stored() == TEXTS
    assert list((program.data / "meetings").glob("*/audio")) == []


def test_json_lines_end_with_the_end_of_the_meeting(program: Program) -> None:
    done = program.run("--fast", "--json")
    events = [json.loads(line) for line in done.stdout.splitlines()]

    assert done.returncode == 0, done.stderr
    assert events[0]["event"] == "meeting_started"
    assert events[-1]["event"] == "meeting_ended"
    assert [event["text"] for event in events if event["event"] == "segment_finalized"] == TEXTS


@pytest.mark.parametrize("source", ["", "-"])
def test_a_file_that_is_read_fast_is_dated_as_if_it_ended_now(program: Program, source: str) -> None:
    raw, _ = soundfile.read(program.sound, dtype="int16")
    sound = program.folder / "tones.raw"
    sound.write_bytes(raw.tobytes())
    before = datetime.now(UTC)
    with sound.open("rb") as stream:
        done = program.run(*([] if source else ["--fast"]), "--json", source=source, stdin=stream)
    after = datetime.now(UTC)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    started, *finals, ended = (
        (event["event"], datetime.fromisoformat(event["at"]) - timedelta(seconds=event.get("start_s", 0.0)))
        for event in events
        if event["event"] in {"meeting_started", "segment_finalized", "meeting_ended"}
    )
    length = timedelta(seconds=soundfile.info(program.sound).duration)

    assert before <= started[1] + length <= after
    assert {at.replace(microsecond=0) for _, at in finals} == {started[1].replace(microsecond=0)}
    assert before <= ended[1] <= after


@pytest.mark.parametrize("option", ["--json", "--plain"])
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
def test_lines_that_could_not_be_written_are_an_error_at_the_end_of_a_meeting_that_is_kept(
    program: Program, option: str
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8") as full:
        command = program.command("--fast", option)
        pipes = {"stdout": full, "stderr": subprocess.PIPE}
        done = subprocess.run(command, text=True, cwd=ROOT, env=program.environment(), timeout=60, check=False, **pipes)
    told = done.stderr.splitlines()[-1]

    assert done.returncode == 5
    assert told.startswith("streamer: 标准输出没有全部写下：磁盘已满；请在写入的地方腾出空间，或写到别处；")
    assert "会议本身已保存：`streamer meetings show " in told
    assert program.stored() == TEXTS
    assert program.ended()


def test_partials_come_before_finals_in_real_time(program: Program) -> None:
    with program.start("--json") as process:
        events = [json.loads(line) for line in wait_for_line(process, "segment_finalized")]
        process.send_signal(signal.SIGINT)
        rest_of(process)
    updates = [event["text"] for event in events if event["event"] == "segment_updated" and event["segment"] == 1]

    assert len(updates) >= 3
    assert all(TEXTS[0].startswith(text) for text in updates)


@pytest.mark.parametrize("number", [signal.SIGINT, *SLOWLY])
def test_a_signal_ends_the_meeting_with_everything_final(program: Program, number: signal.Signals) -> None:
    with program.start("--json") as process:
        lines = wait_for_line(process, '"segment_updated","segment":2')
        process.send_signal(number)
        lines += rest_of(process)
    events = [json.loads(line) for line in lines]
    finals = [event["text"] for event in events if event["event"] == "segment_finalized"]

    assert process.returncode == 0
    assert events[-1]["event"] == "meeting_ended"
    assert finals[0] == TEXTS[0]
    assert finals[1]
    assert TEXTS[1].startswith(finals[1])
    assert program.stored() == finals
    assert program.ended()


def test_a_second_interrupt_does_not_wait_for_whoever_does_not_read(program: Program) -> None:
    with PseudoTerminal() as terminal, program.start_on(terminal, "--plain") as process:
        while TEXTS[0] not in terminal.read(0.05):
            assert process.poll() is None
        terminal.fill()
        process.send_signal(signal.SIGINT)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        process.send_signal(signal.SIGINT)
        process.wait(60)

    assert process.returncode == 130
    assert program.stored()[0] == TEXTS[0]


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--source", "nothing.wav"), 2, "nothing.wav"),
        (("--pack", "nothing"), 3, "没有模型包 'nothing'"),
        (("--fast", "--source", "mic"), 2, "--fast 只用于声音文件和演示"),
        (("--plain", "--json"), 2, "--plain 和 --json 只能选一个"),
        (("--room", "///"), 2, "--room '///' 中没有文字或数字"),
        (("--config", "nothing.toml"), 2, "nothing.toml"),
        (("--data-dir", "/dev/null/x"), 4, "/dev/null/x"),
        (("--data-dir", ""), 2, "--data-dir '' 不是文件夹名"),
    ],
)
def test_what_is_wrong_is_one_message_and_an_exit_code(
    program: Program, options: tuple[str, ...], code: int, message: str
) -> None:
    done = program.run(*options)

    assert done.returncode == code
    assert message in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_models_that_cannot_be_loaded_here_are_found_out_before_a_meeting_begins(program: Program) -> None:
    config = program.folder / "config.toml"
    text = config.read_text(encoding="utf-8")
    config.write_text(
        text.replace("[recognizer]", '[recognizer]\nproviders = ["CUDAExecutionProvidr"]'), encoding="utf-8"
    )
    done = program.run("--plain")

    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("streamer: 执行提供者 ['CUDAExecutionProvidr'] 都没有安装")
    assert list((program.data / "meetings").iterdir()) == []


def test_a_reader_that_goes_away_does_not_end_the_meeting(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=2)
    with program.start("--plain") as process:
        wait_for_line(process, TEXTS[0])
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        told = process.stderr.read()

    assert "标准输出不再有人读；会议继续" in told
    assert process.returncode == 0
    assert program.stored() == TEXTS[:2]
