"""``python -m benchmarks``."""

import sys

import pytest

from benchmarks.__main__ import benchmarks, main

NAMES = (
    "accuracy",
    "latency",
    "mqtt",
    "murmur",
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
def test_each_has_help_and_json(name: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(sys, "argv", [])
    monkeypatch.delitem(sys.modules, f"benchmarks.{name}", raising=False)  # where its own tests have imported it
    with pytest.raises(SystemExit, match="0"):
        main([name, "--help"])

    assert "--json" in capsys.readouterr().out
