"""`streamer run` on a terminal that it is stopped on (Ctrl-Z)."""

from __future__ import annotations

import os
import shlex
import subprocess
import termios
from pathlib import Path

from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal
from tests.test_app import ROOT, TEXTS, Program

CTRL_Z = b"\x1a"


def test_a_shell_gets_the_terminal_as_it_was_and_the_captions_go_on_below_it(tmp_path: Path) -> None:
    program = Program(tmp_path)
    # With jobs of its own, as a person's shell has them; it stops waiting when the job is stopped.
    script = f"{shlex.join(program.command())}; echo stopped; read -r; fg"
    with PseudoTerminal() as terminal:

        def take_terminal() -> None:
            os.setsid()
            os.close(os.open(os.ttyname(terminal.program), os.O_RDWR))

        before = termios.tcgetattr(terminal.program)
        streams = dict.fromkeys(("stdin", "stdout", "stderr"), terminal.program)
        with subprocess.Popen(
            ["bash", "-mc", script],
            preexec_fn=take_terminal,  # noqa: PLW1509 - no threads here
            cwd=ROOT,
            env=program.environment(),
            **streams,
        ) as shell:
            emulator = Emulator()
            while TEXTS[0] not in "".join(emulator.rows()):
                emulator.feed(terminal.read(0.05))
                assert shell.poll() is None
            os.write(terminal.test, CTRL_Z)
            while "stopped" not in emulator.rows()[-1]:
                emulator.feed(terminal.read(0.05))
            stopped, is_hidden = emulator.rows(), emulator.screen.cursor.hidden
            mode = termios.tcgetattr(terminal.program)
            os.write(terminal.test, b"\n")
            while shell.poll() is None:
                emulator.feed(terminal.read(0.05))
            emulator.feed(terminal.read())

    assert not any("录制中" in row for row in stopped)
    assert not is_hidden
    assert mode == before
    assert [row[10:] for row in emulator.rows() if row[10:] in TEXTS] == TEXTS
    assert emulator.rows().index(stopped[1]) < emulator.rows().index("stopped")
    assert program.stored() == TEXTS


def test_where_no_shell_could_continue_it_the_program_goes_on(tmp_path: Path) -> None:
    program = Program(tmp_path)
    with PseudoTerminal() as terminal, program.start_on(terminal) as process:
        emulator = Emulator()
        while TEXTS[0] not in "".join(emulator.rows()):
            emulator.feed(terminal.read(0.05))
        os.write(terminal.test, CTRL_Z)
        while process.poll() is None:
            emulator.feed(terminal.read(0.05))
        emulator.feed(terminal.read())

    assert [row[10:] for row in emulator.rows() if row[10:] in TEXTS] == TEXTS
    assert program.stored() == TEXTS
