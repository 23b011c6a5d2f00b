"""What every test may use."""

from __future__ import annotations

import itertools
import os
import platform
import signal
from collections import defaultdict
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


@pytest.hookimpl(trylast=True)  # of those that are run
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, so that no core waits for a long test at the end.

    xdist gives each process a stretch of the row. Files with tests that have limits of their own are dealt out to the
    beginnings of these stretches; those of one file stay together, for they share what takes long.
    """

    def seconds(item: pytest.Item) -> float:
        limit = item.get_closest_marker("timeout")
        return float(limit.args[0]) if limit else 0.0

    files = defaultdict[Path, list[pytest.Item]](list)
    for item in sorted(filter(seconds, items), key=seconds, reverse=True):
        files[item.path].append(item)
    others = [item for item in items if not seconds(item)]
    long, count, row = list(files.values()), int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")), list[pytest.Item]()
    for number in range(count):
        row += itertools.chain.from_iterable(long[number::count])
        room = max(0, len(items) * (number + 1) // count - len(row))
        row, others = row + others[:room], others[room:]
    items[:] = row


@pytest.fixture
def program(tmp_path: Path) -> Program:
    """`streamer run` as a process, with a pack and a sound of its own."""
    return Program(tmp_path)


@pytest.fixture
def open_euler(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The machine is said to be one of openEuler."""
    said = tmp_path / "os-release"
    said.write_text('NAME="openEuler"\nID="openEuler"\n')
    monkeypatch.setattr(platform, "_os_release_candidates", (str(said),))
    monkeypatch.setattr(platform, "_os_release_cache", None)
