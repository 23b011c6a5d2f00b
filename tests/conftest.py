"""What every test may use."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from tests.running import Program

# What a script runs in its background ignores Ctrl-C, and so would the programs that the tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# Where a user runs the program, Python's standard streams have buffers, each with a lock.
os.environ.pop("PYTHONUNBUFFERED", None)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Half as many processes again as there are cores: half of the time tests wait for sounds, brokers and devices."""
    return max(1, len(os.sched_getaffinity(0)) * 3 // 2)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no core waits for a long test at the end."""

    def seconds(item: pytest.Item) -> float:
        limit = item.get_closest_marker("timeout")
        return float(limit.args[0]) if limit else float(config.getini("timeout"))

    items.sort(key=seconds, reverse=True)


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """`streamer run` as a process, with a pack and a sound of its own."""
    return Program(tmp_path)
