"""Fixtures of the MQTT sink."""

from __future__ import annotations

import pytest


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def _connects_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What publishes waits only a moment before it connects again."""
    monkeypatch.setattr("streamer.sinks.mqtt.connections._FIRST_BACKOFF", 0.01)
