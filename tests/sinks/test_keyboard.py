import os
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from tests.sinks.pty_terminal import PseudoTerminal

PROGRAM = """
import asyncio, os, signal, sys
from streamer.sinks.keyboard import Keyboard

async def main():
    done = asyncio.get_running_loop().create_future()
    actions = {"q": lambda: done.set_result(None), " ": lambda: print("pause", flush=True)}
    ending = sys.argv[1]
    with Keyboard(actions):
        print("ready", flush=True)
        await done
        if ending == "exception":
            raise ValueError("scripted")
        if ending == "exit":
            sys.exit(3)

asyncio.run(main())
"""


def modes(descriptor: int) -> tuple[bool, bool]:
    """Whether lines are edited and keys echoed."""
    flags = termios.tcgetattr(descriptor)[3]
    return bool(flags & termios.ICANON), bool(flags & termios.ECHO)


def start(terminal: PseudoTerminal, ending: str) -> subprocess.Popen[bytes]:
    """A program whose controlling terminal this is, with its standard input elsewhere."""

    def take_terminal() -> None:
        os.setsid()
        os.close(os.open(os.ttyname(terminal.program), os.O_RDWR))

    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, ending],
        stdin=subprocess.DEVNULL,
        stdout=terminal.program,
        stderr=subprocess.DEVNULL,
        preexec_fn=take_terminal,  # noqa: PLW1509 - no threads here
        cwd=Path(__file__).parents[2],
    )


def until(terminal: PseudoTerminal, word: str) -> None:
    """Wait for a word."""
    taken = ""
    for _ in range(100):
        taken += terminal.read(0.1)
        if word in taken:
            return
    raise AssertionError(f"{word!r} expected, got {taken!r}")


@pytest.mark.parametrize("ending", ["normal", "exception", "exit"])
def test_keys_act_at_once_and_the_terminal_is_as_before(ending: str) -> None:
    with PseudoTerminal() as terminal:
        assert modes(terminal.program) == (True, True)
        process = start(terminal, ending)
        until(terminal, "ready")
        assert modes(terminal.program) == (False, False)
        os.write(terminal.test, b"x \x1b[A")
        until(terminal, "pause")
        os.write(terminal.test, b"Q")
        process.wait(10)

        assert modes(terminal.program) == (True, True)


def test_what_is_pasted_and_keys_that_come_in_pieces_press_nothing() -> None:
    with PseudoTerminal() as terminal:
        process = start(terminal, "normal")
        until(terminal, "ready")
        os.write(terminal.test, b"x\x1bOQ\x1b[200~quick, \x1b[201~ ")  # F2, something pasted, the space bar
        until(terminal, "pause")
        assert process.poll() is None
        os.write(terminal.test, b"q")
        process.wait(10)

    assert process.returncode == 0


def test_keys_in_full_width_are_the_same_keys() -> None:
    with PseudoTerminal() as terminal:
        process = start(terminal, "normal")
        until(terminal, "ready")
        os.write(terminal.test, "\u3000".encode())
        until(terminal, "pause")
        os.write(terminal.test, "ｑ".encode())
        process.wait(10)

    assert process.returncode == 0


def test_without_a_controlling_terminal_there_are_no_keys() -> None:
    process = subprocess.run(
        [sys.executable, "-c", PROGRAM.replace("await done", "pass"), "normal"],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        start_new_session=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )

    assert process.stdout == b"ready\n"
