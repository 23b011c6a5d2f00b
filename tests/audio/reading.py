"""Reading sound files, and how that is refused."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from streamer.audio.files import SoundFile
from streamer.errors import AudioFileError

needs_ffmpeg = pytest.mark.skipif(shutil.which("ffmpeg") is None, reason="ffmpeg is not installed")


def read(path: Path, channel: int = 0) -> bytes:
    with SoundFile(path, channel) as file:
        return b"".join(file.pcm())


def refusal(path: Path) -> str:
    """What is said of a file that cannot be read, or not to its end."""
    with pytest.raises(AudioFileError) as raised:
        read(path)
    return str(raised.value)


def convert(source: Path, target: Path) -> Path:
    subprocess.run(["ffmpeg", "-v", "error", "-i", source, target], check=True)
    return target
