"""`streamer run` as a process, for tests."""

from __future__ import annotations

import itertools
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import numpy as np
import pytest
import soundfile

from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal
from tests.tonepack import CHARACTERS, hiss, tone, write_tone_pack

ROOT = Path(__file__).parents[1]
SENTENCES = ((0, 1, 2, 3, 4, 0), (4, 3, 2, 1), (0, 2, 4, 1, 3, 0, 2))
TEXTS = ["".join(CHARACTERS[syllable + 2] for syllable in sentence) for sentence in SENTENCES]
SLOWLY = [pytest.param(number, marks=pytest.mark.slow) for number in (signal.SIGTERM, signal.SIGHUP)]
"""Signals that are tried besides SIGINT."""
CONFIG = """
[recognizer]
pack = "{pack}"
[gate] # the tones of the test pack are no speech
min_level_range_db = 0
min_voiced_frames = 0
early_syllables = 0
max_steady_share = 1.0
"""


class Program:
    """`streamer run` with a small pack, a sound that it understands, and a data folder of its own."""

    def __init__(self, folder: Path, *, sentences: int = len(SENTENCES)) -> None:
        """``sentences``: as many are said, the same ones again and again; two seconds and a half each."""
        self.folder = folder
        self.data = folder / "data"
        self.sound = folder / "tones.wav"
        parts = [hiss(0.5)]
        for sentence in itertools.islice(itertools.cycle(SENTENCES), sentences):
            parts += [piece for syllable in sentence for piece in (tone(syllable, 0.2), hiss(0.06))] + [hiss(0.9)]
        soundfile.write(self.sound, np.concatenate(parts), 16_000)
        config = CONFIG.format(pack=write_tone_pack(folder / "pack"))
        (folder / "config.toml").write_text(config, encoding="utf-8")

    def command(self, *options: str, source: str = "") -> list[str]:
        here = ("--config", str(self.folder / "config.toml"), "--data-dir", str(self.data))
        return [sys.executable, "-m", "streamer", "run", "--source", source or str(self.sound), *here, *options]

    def environment(self) -> dict[str, str]:
        own = {"LC_ALL": "zh_CN.UTF-8", "TERM": "xterm-256color", "OMP_NUM_THREADS": "1", "TZ": "UTC"}
        # Where it is set, Python's own buffers hold nothing back at the end, as they do for most people.
        return {**{name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}, **own}

    def run(self, *options: str, source: str = "", **more: object) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*options, source=source),
            capture_output=True,
            text=True,
            cwd=ROOT,
            env=self.environment(),
            timeout=60,
            check=False,
            **more,
        )

    @contextmanager
    def start(self, *options: str, source: str = "") -> Iterator[subprocess.Popen[str]]:
        """With its output in pipes; killed where the test fails."""
        command = self.command(*options, source=source)
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        with subprocess.Popen(command, text=True, cwd=ROOT, env=self.environment(), **pipes) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise

    @contextmanager
    def start_on(self, terminal: PseudoTerminal, *options: str, source: str = "") -> Iterator[subprocess.Popen[bytes]]:
        """On a terminal that controls it, as a shell would."""

        def take_terminal() -> None:
            for number in (signal.SIGINT, signal.SIGQUIT):  # which a script's background jobs ignore
                signal.signal(number, signal.SIG_DFL)
            os.setsid()
            os.close(os.open(os.ttyname(terminal.program), os.O_RDWR))

        with subprocess.Popen(
            self.command(*options, source=source),
            stdin=terminal.program,
            stdout=terminal.program,
            stderr=terminal.program,
            preexec_fn=take_terminal,  # noqa: PLW1509 - no threads here
            cwd=ROOT,
            env=self.environment(),
        ) as process:
            try:
                yield process
            except BaseException:
                process.kill()
                raise

    def stored(self) -> list[str]:
        """Texts of the finals in the store."""
        with closing(sqlite3.connect(self.data / "streamer.db")) as connection:
            return [row[0] for row in connection.execute("SELECT text FROM segments WHERE text != '' ORDER BY id")]

    def where_it_is(self) -> list[str]:
        """What a person is told after the one meeting."""
        with closing(sqlite3.connect(self.data / "streamer.db")) as connection:
            ((meeting_id, folder),) = connection.execute("SELECT id, folder FROM meetings")
        return [
            f"会议记录：{self.data}/meetings/{folder}",
            f"会议编号：{meeting_id}（用于 streamer meetings show、edit、export）",
        ]

    def ended(self) -> bool:
        """Whether the meeting in the store has an end."""
        with closing(sqlite3.connect(self.data / "streamer.db")) as connection:
            return all(row[0] is not None for row in connection.execute("SELECT ended_at FROM meetings"))


def wait_for_line(process: subprocess.Popen[str], wanted: str) -> list[str]:
    """Lines up to the first that holds a text."""
    assert process.stdout is not None
    lines = []
    for line in process.stdout:
        lines.append(line)
        if wanted in line:
            return lines
    raise AssertionError(f"{wanted!r} never came in {lines}")


def rest_of(process: subprocess.Popen[str]) -> list[str]:
    """Lines up to the end of the program."""
    # Not communicate(): it passes over what the iteration before has buffered.
    assert process.stdout is not None
    return list(process.stdout)


def show_until(wanted: str, terminal: PseudoTerminal, emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    """Show what the program writes until a text is on the screen."""
    while wanted not in "".join(emulator.rows()):
        emulator.feed(terminal.read(0.05))
        assert process.poll() is None


def show_to_end(terminal: PseudoTerminal, emulator: Emulator, process: subprocess.Popen[bytes]) -> None:
    """Show what the program writes until it has ended."""
    while process.poll() is None:
        emulator.feed(terminal.read(0.05))
    emulator.feed(terminal.read())
