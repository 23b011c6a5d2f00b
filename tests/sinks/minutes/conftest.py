from __future__ import annotations

from pathlib import Path

import pytest

from tests.sinks.minutes.room import Room


@pytest.fixture
def room(tmp_path: Path) -> Room:
    (tmp_path / "meetings").mkdir()
    return Room(tmp_path / "meetings" / "周会")
