"""A process whose call never returns ends, whether or not anybody waits for it."""

from __future__ import annotations

import faulthandler
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from multiprocessing import Pipe
from threading import Thread

import pytest

from streamer.asr.runners.ascend.api import Acl
from streamer.asr.runners.ascend.limit import limited
from streamer.asr.runners.ascend.messages import Start, Stop
from streamer.asr.runners.ascend.worker import Worker
from streamer.errors import PackError
from streamer.settings.ascend import AscendSettings
from tests.running import ROOT

_HANGING = """
import ctypes
from streamer.asr.runners.ascend.limit import limited
with limited(60):
    pass
with limited(0.2):
    ctypes.PyDLL(None).sleep(600)  # with the interpreter's lock
"""


def test_a_call_that_keeps_the_interpreters_lock_is_ended() -> None:
    done = subprocess.run([sys.executable, "-c", _HANGING], cwd=ROOT, capture_output=True, timeout=60, check=False)

    assert done.returncode == 1
    assert done.stderr.startswith(b"Timeout (0:00:00.200000)!")


@pytest.mark.parametrize("error", [None, ValueError("refused")])
def test_what_returned_in_time_is_not_ended_later(monkeypatch: pytest.MonkeyPatch, error: Exception | None) -> None:
    calls: list[object] = []
    monkeypatch.setattr(faulthandler, "dump_traceback_later", lambda seconds, **how: calls.append((seconds, how)))
    monkeypatch.setattr(faulthandler, "cancel_dump_traceback_later", lambda: calls.append("cancelled"))
    with pytest.raises(ValueError, match="refused") if error else nullcontext(), limited(60):
        calls.append("called")
        if error:
            raise error

    assert calls == [(60, {"exit": True}), "called", "cancelled"]


def test_each_request_may_take_longer_than_its_supervisor_waits() -> None:
    limits = []

    @contextmanager
    def noted(seconds: float) -> Iterator[None]:
        limits.append(seconds)
        yield

    def no_acl() -> Acl:
        raise PackError("not here")

    ours, theirs = Pipe()
    with ours, theirs:
        serving = Thread(target=Worker(no_acl, noted).serve, args=(theirs,))
        serving.start()
        for request in (Start(AscendSettings(timeout_ms=2000, start_timeout_s=40)), Stop()):
            ours.send(request)
            ours.recv()
        serving.join(10)

    assert limits == [70.0, 30.0]
