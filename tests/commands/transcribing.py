"""``streamer transcribe`` with scripted models."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from streamer.cli import app
from streamer.commands import transcribe
from streamer.offline.transcriber import Transcriber
from streamer.pipeline import Recognition
from streamer.settings import Settings
from streamer.types import Utterance
from tests.fakes import SILENCE, SPEECH, ScriptedDetector, ScriptedRecognizer
from tests.sounds import write


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """Scripted models in place of a pack's; the settings that they were opened with."""
    settings_seen: list[Settings] = []

    def fails(utterance: Utterance) -> bool:
        return utterance.samples == 16_000 * 3

    @contextmanager
    def open_scripted(settings: Settings) -> Iterator[Transcriber]:
        settings_seen.append(settings)
        yield Transcriber(Recognition(ScriptedRecognizer(fails)), ScriptedDetector, settings)

    monkeypatch.setattr(transcribe, "open_transcriber", open_scripted)
    return settings_seen


def speak(path: Path, *seconds: float) -> Path:
    """A file with speech and silence in turns."""
    frames = [
        (SPEECH if index % 2 == 0 else SILENCE) * round(50 * length) for index, length in enumerate((*seconds, 1))
    ]
    samples = np.frombuffer(b"".join(frames), "<i2").astype(np.float32) / 32768
    path.parent.mkdir(exist_ok=True)
    return write(path, samples)


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["transcribe", *map(str, arguments)], catch_exceptions=False)
