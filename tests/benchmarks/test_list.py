"""``python -m benchmarks``."""

import subprocess
import sys

import pytest

from benchmarks.__main__ import FOLDER, benchmarks, main

NAMES = (
    "accuracy",
    "latency",
    "mqtt",
    "noise",
    "overhead",
    "rooms",
    "seams",
    "soak",
    "speed",
    "start",
    "store",
    "text",
)


def test_every_benchmark_is_listed_with_its_question() -> None:
    found = benchmarks()

    assert set(NAMES) <= set(found)
    assert all(found.values())


def test_an_unknown_name_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["speeed"]) == 2
    assert "there is no benchmark 'speeed'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.parametrize("name", benchmarks())
def test_each_has_help_and_json(name: str) -> None:
    command = [sys.executable, "-m", "benchmarks", name, "--help"]
    done = subprocess.run(command, cwd=FOLDER.parent, capture_output=True, text=True, timeout=100, check=True)

    assert "--json" in done.stdout
