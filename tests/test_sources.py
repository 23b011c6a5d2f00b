from __future__ import annotations

import asyncio
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.settings import Settings
from streamer.sources import open_source


def test_a_file_in_the_home_folder_may_be_named_with_a_tilde(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No shell has replaced it in a configuration."""
    monkeypatch.setenv("HOME", str(tmp_path))
    soundfile.write(tmp_path / "a.wav", np.zeros(320, np.int16), 16_000)

    async def samples() -> int:
        async with open_source("~/a.wav", Settings(), lambda _: None, is_fast=True) as source:
            return sum([len(frame.pcm) // 2 async for frame in source.frames()])

    assert asyncio.run(samples()) == 320
