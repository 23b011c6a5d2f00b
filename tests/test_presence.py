"""`streamer run` on a terminal that it is stopped on (Ctrl-Z)."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
import termios
from collections.abc import Iterator
from pathlib import Path

from tests.brokers import free_port
from tests.running import ROOT, TEXTS, Program, show_to_end, show_until
from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal

CTRL_Z = b"\x1a"


@contextlib.contextmanager
def shell_on(
    terminal: PseudoTerminal,
    command: list[str],
    environment: dict[str, str],
    script: str = "{}; echo stopped; read -r; fg",
) -> Iterator[subprocess.Popen]:
    """A shell with jobs of its own, as a person has it: it says when its job was stopped; Return continues it."""

    def take_terminal() -> None:
        os.setsid()
        os.close(os.open(os.ttyname(terminal.program), os.O_RDWR))

    streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.program)
    with subprocess.Popen(
        ["bash", "-mc", script.format(shlex.join(command))],
        preexec_fn=take_terminal,  # noqa: PLW1509 - no threads here
        cwd=ROOT,
        env=environment,
        **streams,
    ) as shell:
        yield shell


def test_a_shell_gets_the_terminal_as_it_was_and_the_captions_go_on_below_it(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=2)
    with PseudoTerminal() as terminal:
        before = termios.tcgetattr(terminal.program)
        with shell_on(terminal, program.command(), program.environment()) as shell:
            emulator = Emulator()
            show_until(TEXTS[0], terminal, emulator, shell)
            os.write(terminal.test, CTRL_Z)
            while "stopped" not in emulator.rows()[-1]:
                emulator.feed(terminal.read(0.05))
            stopped, is_hidden = emulator.rows(), emulator.screen.cursor.hidden
            mode = termios.tcgetattr(terminal.program)
            os.write(terminal.test, b"\n")
            show_to_end(terminal, emulator, shell)

    assert not any("录制中" in row for row in stopped)
    assert not is_hidden
    assert mode == before
    assert [row[10:] for row in emulator.rows() if row[10:] in TEXTS] == TEXTS[:2]
    assert emulator.rows().index(stopped[1]) < emulator.rows().index("stopped")
    assert program.stored() == TEXTS[:2]


def test_what_is_typed_for_a_shell_stops_no_meeting_in_the_background_and_its_keys_are_back_with_fg(
    tmp_path: Path,
) -> None:
    program = Program(tmp_path, sentences=27)
    with (
        PseudoTerminal() as terminal,
        shell_on(terminal, program.command(), program.environment(), "{} & read -r; fg") as shell,
    ):
        emulator = Emulator()
        show_until(TEXTS[0], terminal, emulator, shell)
        os.write(terminal.test, b"for the shell\nq")
        show_to_end(terminal, emulator, shell)

    assert shell.returncode == 0
    assert any(row.startswith("会议编号：") for row in emulator.rows())
    assert program.ended()
    assert len(program.stored()) < 27


def test_who_watches_gets_the_shell_as_it_was_too_and_goes_on(tmp_path: Path) -> None:
    address = f"mqtt://127.0.0.1:{free_port()}/streamer/room"
    environment = {**os.environ, "LC_ALL": "C.UTF-8", "TERM": "xterm-256color", "XDG_DATA_HOME": str(tmp_path)}
    with PseudoTerminal() as terminal:
        before = termios.tcgetattr(terminal.program)
        command = [sys.executable, "-m", "streamer", "watch", address]
        with shell_on(terminal, command, environment) as shell:
            emulator = Emulator()
            while " q end" not in emulator.rows():
                emulator.feed(terminal.read(0.05))
                assert shell.poll() is None
            os.write(terminal.test, CTRL_Z)
            while "stopped" not in emulator.rows()[-1]:
                emulator.feed(terminal.read(0.05))
            stopped, mode = emulator.rows(), termios.tcgetattr(terminal.program)
            os.write(terminal.test, b"\n")
            while emulator.rows()[-1] != " q end":
                emulator.feed(terminal.read(0.05))
                assert shell.poll() is None
            os.write(terminal.test, b"q")
            show_to_end(terminal, emulator, shell)

    assert mode == before
    assert " q end" not in stopped
    assert shell.returncode == 0


def test_where_no_shell_could_continue_it_the_program_goes_on(tmp_path: Path) -> None:
    program = Program(tmp_path, sentences=2)
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator()
        show_until(TEXTS[0], terminal, emulator, process)
        os.write(terminal.test, CTRL_Z)
        show_to_end(terminal, emulator, process)

    assert [row[10:] for row in emulator.rows() if row[10:] in TEXTS] == TEXTS[:2]
    assert program.stored() == TEXTS[:2]
