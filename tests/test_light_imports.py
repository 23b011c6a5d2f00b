"""The live path stays light: nothing heavy is imported, whatever happens in a meeting."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
HEAVY = (
    "numba",
    "scipy",
    "torch",
    "tensorflow",
    "pypinyin",
    "librosa",
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


def test_a_whole_meeting_imports_nothing_heavy(tmp_path: Path) -> None:
    found = imported(tmp_path, "run", "--source", "demo", "--fast", "--plain", "--data-dir", str(tmp_path / "data"))

    assert {"numpy", "onnxruntime", "_webrtcvad"} <= found
    assert found.isdisjoint(HEAVY)


def test_metrics_and_mqtt_are_imported_only_where_they_are_wanted(tmp_path: Path) -> None:
    found = imported(tmp_path, "run", "--source", "demo", "--fast", "--json", "--data-dir", str(tmp_path / "data"))

    assert found.isdisjoint({"prometheus_client", "aiomqtt", "paho", "httpx", "sounddevice"})


def test_what_only_other_commands_need_is_not_imported(tmp_path: Path) -> None:
    found = imported(tmp_path, "run", "--source", "demo", "--fast", "--plain", "--data-dir", str(tmp_path / "data"))

    assert found.isdisjoint({"rich.console", "numpy.ma", "numpy.random", "importlib.metadata", "html", "xml"})
