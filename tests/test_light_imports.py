"""The live path stays light: nothing heavy is imported, whatever happens in a meeting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

from streamer.audio.demo import DEMO_SOUND

ROOT = Path(__file__).parents[1]
HEAVY = (
    "numba",
    "scipy",
    "torch",
    "tensorflow",
    "pypinyin",
    "librosa",
    "jieba",
    "matplotlib",
    "pandas",
    "sklearn",
    "docx",
    "pydantic",
)
PROGRAM = """
import atexit, json, sys
place = sys.argv.pop()
atexit.register(lambda: open(place, "w").write(json.dumps(sorted(sys.modules))))
from streamer.cli import app
app(sys.argv[1:], standalone_mode=False)
"""


def imported(folder: Path, *arguments: str) -> set[str]:
    """Modules that a command has imported when it ends."""
    place = folder / "modules.json"
    command = [sys.executable, "-c", PROGRAM, *arguments, str(place)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False)
    assert done.returncode == 0, done.stderr
    return set(json.loads(place.read_text(encoding="utf-8")))


def meeting(folder: Path, output: str) -> set[str]:
    """What a whole meeting imports, some sentences long."""
    samples, rate = soundfile.read(DEMO_SOUND, dtype="int16", stop=20 * 16_000)
    soundfile.write(folder / "sentences.wav", samples, rate)
    where = ("--source", str(folder / "sentences.wav"), "--data-dir", str(folder / "data"))
    return imported(folder, "run", "--fast", output, *where)


@pytest.fixture(scope="module")
def captioned(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What one with captions for people imports."""
    return meeting(tmp_path_factory.mktemp("captioned"), "--plain")


def test_a_whole_meeting_imports_nothing_heavy(captioned: set[str]) -> None:
    assert {"numpy", "onnxruntime", "_webrtcvad"} <= captioned
    assert captioned.isdisjoint(HEAVY)


def test_what_only_other_commands_need_is_not_imported(captioned: set[str]) -> None:
    of_numpy = {"numpy.ma", "numpy.random"} if int(np.__version__.split(".")[0]) > 1 else set()  # 1 has them at once

    assert captioned.isdisjoint({"rich.console", "importlib.metadata", "html", "xml"} | of_numpy)


def test_metrics_and_mqtt_are_imported_only_where_they_are_wanted(tmp_path: Path) -> None:
    found = meeting(tmp_path, "--json")

    assert found.isdisjoint({"prometheus_client", "aiomqtt", "paho", "httpx", "sounddevice"})
