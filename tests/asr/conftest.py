"""Fixtures of the stand-in for Ascend hardware, and the tone pack's models."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from streamer.asr.modelpack import load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.settings.recognizer import RecognizerSettings
from tests.acl_simulator.fixtures import acl, altered, processes, runtime, tiny_files
from tests.tonepack import write_tone_pack

__all__ = ["acl", "altered", "models", "processes", "runtime", "tiny_files"]


@pytest.fixture
def models(tmp_path: Path) -> Iterator[LoadedModels]:
    """The tone pack's, loaded."""
    with load_models(load_pack(write_tone_pack(tmp_path / "tones")), RecognizerSettings()) as loaded:
        yield loaded
