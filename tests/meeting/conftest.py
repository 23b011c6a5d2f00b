"""What tests of kept meetings may use."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.archive.archive import Archive
from tests.meeting.kept import SETTINGS, hold
from tests.meeting.real_run import ENVIRONMENT, studio
from tests.meeting.redoings import asked

__all__ = ["asked", "store", "studio"]


@pytest.fixture(autouse=True)
def own_temporary_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a store refuses is put aside there: many tests hold the same meeting, and may do so at the same time."""
    folder = str(tmp_path_factory.mktemp("aside"))
    monkeypatch.setenv("TMPDIR", folder)
    monkeypatch.setitem(ENVIRONMENT, "TMPDIR", folder)


@pytest.fixture
def store(tmp_path: Path):
    """The store of a data folder with one meeting in it, the weekly one."""
    hold(tmp_path)
    store = Archive(tmp_path).open_store(SETTINGS)
    yield store
    store.close()
