"""What ``redo`` would open a pack with."""

from __future__ import annotations

import pytest

from streamer.asr.hotword_watch import HotwordSource
from streamer.errors import PackError
from streamer.offline import redoing
from streamer.settings import Settings

Asked = list[tuple[Settings, HotwordSource | None]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """What a pack would be opened with; none is."""
    found: Asked = []

    def note(settings: Settings, hotwords: HotwordSource | None = None) -> None:
        found.append((settings, hotwords))
        raise PackError("noted")

    monkeypatch.setattr(redoing, "open_crew", note)
    return found
