"""`streamer run` on a terminal: keys, signals, and what it leaves behind."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import termios
import time
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from tests.running import SLOWLY, TEXTS, Program, show_to_end, show_until
from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal


def test_the_live_view_ends_with_q_and_gives_the_terminal_back(program: Program) -> None:
    with PseudoTerminal() as terminal, ExitStack() as held:
        before = termios.tcgetattr(terminal.program)
        process = held.enter_context(program.start_on(terminal, "--title", "周会"))
        emulator = Emulator()
        show_until(TEXTS[1], terminal, emulator, process)
        live = emulator.rows()
        os.write(terminal.test, b"q")
        show_to_end(terminal, emulator, process)

        assert termios.tcgetattr(terminal.program) == before
    assert process.returncode == 0
    assert re.match(" ● 录制中 00:00:0[3-6] / 00:00:0[6-9] ", live[-3])
    assert live[-1] == " 空格 暂停   m 标记   q 结束"
    rows = emulator.rows()
    assert rows[0].endswith("周会 · tones.wav · tones 1")
    assert [row[10:] for row in rows[1:3]] == TEXTS[:2]
    assert re.search("! tones.wav：没有读到结尾：全长 00:00:0[6-9]，只读到 00:00:0[3-5]$", rows[3])
    assert rows[5].startswith("会议记录：")
    assert not emulator.screen.cursor.hidden


@pytest.mark.parametrize("number", [signal.SIGINT, *SLOWLY])
def test_the_live_view_gives_the_terminal_back_after_a_signal(program: Program, number: signal.Signals) -> None:
    with PseudoTerminal() as terminal, ExitStack() as held:
        before = termios.tcgetattr(terminal.program)
        process = held.enter_context(program.start_on(terminal))
        emulator = Emulator()
        show_until("录制中", terminal, emulator, process)
        assert termios.tcgetattr(terminal.program) != before
        process.send_signal(number)
        show_to_end(terminal, emulator, process)

        assert termios.tcgetattr(terminal.program) == before
    assert process.returncode == 0
    assert not emulator.screen.cursor.hidden


@pytest.mark.parametrize("output", ["--plain", "--json"])
def test_plain_lines_on_a_terminal_begin_with_the_key_that_ends_them(program: Program, output: str) -> None:
    with PseudoTerminal() as terminal, program.start_on(terminal, output) as process:
        told = ""
        while "tones" not in told:  # before the meeting begins a signal ends the program
            told += terminal.read(0.05)
        process.send_signal(signal.SIGINT)
        while process.poll() is None:
            terminal.read(0.05)

    assert process.returncode == 0
    assert told.startswith("Ctrl-C 结束会议\r\n") == (output == "--plain")


def test_a_failure_in_the_live_view_is_told_on_a_terminal_given_back(program: Program) -> None:
    (program.folder / "pack" / "characters.txt").write_text("broken", encoding="utf-8")
    with PseudoTerminal() as terminal, ExitStack() as held:
        before = termios.tcgetattr(terminal.program)
        process = held.enter_context(program.start_on(terminal))
        emulator = Emulator()
        show_to_end(terminal, emulator, process)

        assert termios.tcgetattr(terminal.program) == before
    assert process.returncode == 3
    assert "sha256" in "".join(emulator.rows())


def test_what_the_screen_warned_of_is_in_the_log(program: Program) -> None:
    with PseudoTerminal() as terminal, ExitStack() as held:
        options = ("--fast", "--mqtt", "mqtt://127.0.0.1:9/rooms", "--hotword", "Kubernetes")
        process = held.enter_context(program.start_on(terminal, *options))
        show_to_end(terminal, Emulator(), process)

    lines = (program.data / "streamer.log").read_text("utf-8").splitlines()
    told = [line.partition(" WARNING streamer.sinks.told_notices: ")[2] for line in lines]
    assert sum(text.startswith("hotwords are not favoured: ") for text in told) == 1
    assert any(text.startswith("MQTT: finals are kept and sent later, no link to ") for text in told)


def test_a_terminal_that_is_closed_ends_the_meeting_cleanly(program: Program) -> None:
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator()
        show_until(TEXTS[0], terminal, emulator, process)
        terminal.close()
        process.wait(20)

    assert program.stored()[0] == TEXTS[0]
    assert program.ended()


def test_a_terminal_that_is_not_read_stops_neither_recording_nor_recognition(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=2)
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        while "录制中" not in terminal.read(0.05):
            assert process.poll() is None
        terminal.fill()
        process.wait(30)

    assert program.stored() == TEXTS[:2]
    assert program.ended()


@pytest.mark.slow
@pytest.mark.timeout(1550)  # so that it begins early (tests/conftest.py): others compute while it waits
def test_a_terminal_stopped_for_a_minute_gets_everything_when_it_goes_on(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=30)
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator()
        show_until(TEXTS[0], terminal, emulator, process)
        os.write(terminal.test, b"\x13")  # Ctrl-S
        time.sleep(60)
        assert program.stored() == (TEXTS * 10)[: len(program.stored())]
        assert len(program.stored()) > 20
        os.write(terminal.test, b"\x11")  # Ctrl-Q
        show_to_end(terminal, emulator, process)

    said = [row[10:] for row in emulator.history() + emulator.rows() if row[10:] in TEXTS]
    assert said == TEXTS * 10
    assert program.stored() == TEXTS * 10


def test_whoever_does_not_wait_for_a_broker_that_is_silent_loses_nothing_and_is_told_the_same(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=1)
    with socket.create_server(("127.0.0.1", 0)) as silent, PseudoTerminal() as terminal, ExitStack() as held:
        broker = f"mqtt://127.0.0.1:{silent.getsockname()[1]}/streamer"
        process = held.enter_context(program.start_on(terminal, "--mqtt", broker, "--fast"))
        emulator = Emulator()
        while "Ctrl-C 不再等待" not in "".join(emulator.rows()[-1:]):
            emulator.feed(terminal.read(0.05))
            assert process.poll() is None
        os.write(terminal.test, b"\x03")
        since = time.monotonic()
        show_to_end(terminal, emulator, process)
        passed = time.monotonic() - since

    with closing(sqlite3.connect(program.data / "streamer.db")) as connection:
        waiting = [json.loads(row[0])["text"] for row in connection.execute("SELECT payload FROM outbox ORDER BY id")]
    told = "".join(row.rstrip() for row in emulator.rows()).partition("会议记录：")
    assert (process.returncode, passed < 4.0) == (0, True)  # drain_s is 5
    assert "".join(told[1:]).startswith("".join(program.where_it_is()))
    assert "1 条消息（字幕及其修订）尚未送达 127.0.0.1" in told[2]
    assert (program.stored(), waiting, program.ended()) == (TEXTS[:1], TEXTS[:1], True)


def test_space_pauses_and_m_marks(program: Program) -> None:
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator()
        for wanted, key in ((TEXTS[0], b"m"), ("标记 ", b" "), ("已暂停", b" "), ("● 继续", b"q")):
            while wanted.strip() not in "".join(emulator.rows()[:-1]):
                emulator.feed(terminal.read(0.05))
                assert process.poll() is None
            os.write(terminal.test, key)
        while process.poll() is None:
            terminal.read(0.05)

    with closing(sqlite3.connect(program.data / "streamer.db")) as connection:
        kinds = [row[0] for row in connection.execute("SELECT kind FROM moments ORDER BY number")]
    assert kinds == ["mark", "pause", "resume"]
