"""What ``streamer transcribe`` shows on a terminal."""

from __future__ import annotations

import os
import sys
from contextlib import nullcontext
from pathlib import Path

import pytest

from streamer.cli import app
from streamer.commands import transcribe
from streamer.offline.transcriber import Transcriber
from streamer.pipeline import Recognition
from streamer.settings import Settings
from tests.fakes import ScriptedDetector, ScriptedRecognizer
from tests.sinks.emulator import Emulator
from tests.sinks.pty_terminal import PseudoTerminal
from tests.sounds import tone, write


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """What is on the terminal that is standard error, once :func:`run` has ended."""

    def open_scripted(settings: Settings) -> nullcontext[Transcriber]:
        return nullcontext(Transcriber(Recognition(ScriptedRecognizer()), ScriptedDetector, settings))

    monkeypatch.setattr(transcribe, "open_transcriber", open_scripted)
    monkeypatch.setenv("TERM", "xterm-256color")
    return Emulator()


def run(shown: Emulator, monkeypatch: pytest.MonkeyPatch, *arguments: Path) -> None:
    with PseudoTerminal() as terminal, os.fdopen(os.dup(terminal.program), "w", encoding="utf-8") as stderr:
        monkeypatch.setattr(sys, "stderr", stderr)
        app(["transcribe", *map(str, arguments)], standalone_mode=False)
        stderr.flush()
        shown.feed(terminal.read())


def test_a_complaint_is_a_line_above_the_bar(shown: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("甲.wav", "乙.wav"):
        write(Path(name), tone(1.0))

    run(shown, monkeypatch, Path("甲.wav"), Path("乙.wav"))

    assert [row.rstrip() for row in shown.screen.display[:2]] == [
        "streamer: 甲.wav: no speech was found in it",
        "streamer: 乙.wav: no speech was found in it",
    ]
