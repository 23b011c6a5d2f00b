from __future__ import annotations

import os
import queue
import signal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

torch = pytest.importorskip("torch")

from streamer.training import batches as module  # noqa: E402
from streamer.training.batches import Loader  # noqa: E402
from streamer.training.settings import AugmentSettings, TrainSettings  # noqa: E402

pytestmark = pytest.mark.train


class LoaderProcess:
    """A process that fills its queue with what a test gives, and dies."""

    def __init__(self, ready: list[str]) -> None:
        self._ready = ready
        self.calls: list[str] = []
        self.exitcode = -9

    def Queue(self, _size: int) -> LoaderProcess:  # noqa: N802 - the name that multiprocessing has
        return self

    def Process(self, **_given: Any) -> LoaderProcess:  # noqa: N802 - same
        return self

    def get(self, timeout: float) -> str:
        if not self._ready:
            raise queue.Empty
        return self._ready.pop(0)

    def start(self) -> None:
        blocked = signal.SIGINT in signal.pthread_sigmask(signal.SIG_BLOCK, [])
        self.calls.append("start without Ctrl-C" if blocked else "start")

    def is_alive(self) -> bool:
        return False

    def terminate(self) -> None:
        self.calls.append("terminate")

    def join(self) -> None:
        self.calls.append("join")


def loader(process: LoaderProcess, monkeypatch: pytest.MonkeyPatch) -> Loader:
    monkeypatch.setattr(module.processes, "get_context", lambda _: process)
    return Loader(Path(), [], TrainSettings(), AugmentSettings())


def test_ctrl_c_is_for_the_process_that_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess(["batch"])
    batches = loader(process, monkeypatch).batches(0)

    assert next(batches) == "batch"
    assert signal.SIGINT not in signal.pthread_sigmask(signal.SIG_BLOCK, [])
    batches.close()
    assert process.calls == ["start without Ctrl-C", "terminate", "join"]


def test_a_loader_that_died_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    process = LoaderProcess([])

    with pytest.raises(RuntimeError, match="the loader process ended with code -9"):
        next(loader(process, monkeypatch).batches(0))

    assert process.calls[1:] == ["terminate", "join"]


def test_the_loader_ends_with_its_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str | int] = []
    monkeypatch.setattr(
        module.processes, "parent_process", lambda: SimpleNamespace(join=lambda: ended.append("parent"))
    )
    monkeypatch.setattr(os, "_exit", ended.append)

    module._end_with_the_parent()

    assert ended == ["parent", 1]
