"""What tests of the microphone may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

FAKE = Path(__file__).parent / "fake_portaudio"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The fake PortAudio in capture processes; a test names its kind in FAKE_MICROPHONE."""
    monkeypatch.setenv("PYTHONPATH", f"{FAKE}{os.pathsep}{ROOT}")
    monkeypatch.setenv("FAKE_MICROPHONE", "good")
    return monkeypatch
