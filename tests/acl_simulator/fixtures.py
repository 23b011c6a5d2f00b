"""Ascend without hardware: the stand-in for pyACL, and tiny models that follow the contract."""

from __future__ import annotations

import importlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.runtime import AscendRuntime
from streamer.settings.ascend import AscendSettings

SIMULATOR = Path(__file__).resolve().parent
sys.path.insert(0, str(SIMULATOR))

from tests.acl_simulator import om, tiny  # noqa: E402


@dataclass(frozen=True)
class TinyFiles:
    """Tiny models, as ONNX and as fake offline models."""

    acoustic_onnx: Path
    language_onnx: Path
    acoustic: Path
    language: Path


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> TinyFiles:
    folder = tmp_path_factory.mktemp("tiny")
    acoustic, language = tiny.acoustic(folder / "acoustic.onnx"), tiny.language(folder / "language.onnx")
    return TinyFiles(
        acoustic,
        language,
        om.write_om(om.offline_model(acoustic), folder / "acoustic.om"),
        om.write_om(om.offline_model(language), folder / "language.om"),
    )


@pytest.fixture
def acl() -> Iterator[ModuleType]:
    """The stand-in on a fresh machine; nothing may be left on it, and nothing undefined may have happened."""
    module = importlib.import_module("acl")
    module.simulator.reset()
    yield module
    assert module.simulator.misuses == []
    assert module.simulator.leftovers() == []


@pytest.fixture
def runtime(acl: ModuleType) -> Iterator[AscendRuntime]:
    with AscendRuntime(Acl(acl), AscendSettings()) as opened:
        yield opened


@dataclass(frozen=True)
class ProcessReports:
    """What worker processes left behind."""

    folder: Path
    monkeypatch: pytest.MonkeyPatch

    def inject(self, faults: str, *, once: bool = False) -> None:
        """Let calls of worker processes fail; see ``ascend_simulation.faults``."""
        self.monkeypatch.setenv("ACL_SIMULATOR_FAULTS", faults)
        self.monkeypatch.setenv("ACL_SIMULATOR_FAULTS_ONCE", "1" if once else "0")

    def lines(self) -> list[dict[str, Any]]:
        """A report for each process that ended by itself."""
        path = self.folder / "report.jsonl"
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


@pytest.fixture
def processes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ProcessReports]:
    """Worker processes find the stand-in; those that end by themselves must leave nothing behind."""
    monkeypatch.setenv("PYTHONPATH", f"{SIMULATOR}{os.pathsep}{SIMULATOR.parents[1]}")
    monkeypatch.setenv("ACL_SIMULATOR_DIR", str(tmp_path))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    reports = ProcessReports(tmp_path, monkeypatch)
    yield reports
    for line in reports.lines():
        assert (line["misuses"], line["leftovers"]) == ([], [])


@pytest.fixture
def altered(tmp_path: Path) -> Callable[..., Path]:
    """Writes an offline model with parts of its description replaced."""

    def write(source: Path, **changes: Any) -> Path:
        return om.write_om(replace(om.offline_model(source), **changes), tmp_path / "odd.om")

    return write
