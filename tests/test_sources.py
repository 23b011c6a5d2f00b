from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.settings import Settings
from streamer.sources import open_source, seconds_in_all


def test_a_file_in_the_home_folder_may_be_named_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell has replaced it in a configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    soundfile.write(tmp_path / "a.wav", np.zeros(320, np.int16), 16_000)

    async def samples() -> int:
        async with open_source("~/a.wav", Settings(), lambda _: None, is_fast=True) as source:
            return sum([len(frame.pcm) // 2 async for frame in source.frames()])

    assert asyncio.run(samples()) == 320


def test_of_a_file_it_is_known_how_long_it_is_and_of_a_microphone_never(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "a.wav", np.zeros(320, np.int16), 16_000)

    async def seconds() -> float:
        async with open_source(str(tmp_path / "a.wav"), Settings(), lambda _: None) as source:
            return seconds_in_all(source)

    assert asyncio.run(seconds()) == 0.02
    assert seconds_in_all(open_source("mic", Settings(), lambda _: None)) == 0.0
