"""What tests of kept meetings may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.archive import Archive
from tests.meeting.kept import SETTINGS, hold
from tests.meeting.real_run import studio
from tests.meeting.redoings import asked

__all__ = ["asked", "store", "studio"]


@pytest.fixture
def store(tmp_path: Path):
    """The store of a data folder with one meeting in it, the weekly one."""
    hold(tmp_path)
    store = Archive(tmp_path).open_store(SETTINGS)
    yield store
    store.close()
