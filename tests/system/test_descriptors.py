"""Standard error as the program sets it up."""

from __future__ import annotations

import io
import os
import sys
import threading

import pytest

from streamer.system import descriptors
from streamer.system.descriptors import write_errors_without_a_lock


def test_a_descriptor_that_must_not_block_gets_everything() -> None:
    there, here = os.pipe()
    os.set_blocking(here, False)
    text = "缺" * 100_000  # more than a pipe takes
    unlocked = descriptors._Unlocked(here, "w")
    writer = threading.Thread(target=lambda: (unlocked.write(text.encode()), unlocked.close()))
    writer.start()
    with os.fdopen(there, "rb") as reader:
        read = reader.read()
    writer.join()

    assert read.decode() == text


def test_standard_error_keeps_its_encoding_and_writes_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    there, here = os.pipe()
    monkeypatch.setattr(sys, "stderr", io.TextIOWrapper(io.BytesIO(), encoding="gbk", errors="backslashreplace"))
    before = os.dup(2)
    os.dup2(here, 2)
    try:
        write_errors_without_a_lock()
        sys.stderr.write("缺 😀")
    finally:
        os.dup2(before, 2)
        os.close(before)
        os.close(here)
    with os.fdopen(there, "rb") as reader:
        assert reader.read() == "缺 ".encode("gbk") + b"\\U0001f600"
