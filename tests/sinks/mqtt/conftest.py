"""Fixtures of the MQTT sink."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def _connects_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What publishes waits only a moment before it connects again."""
    monkeypatch.setattr("streamer.sinks.mqtt.connections._FIRST_BACKOFF", 0.01)


@pytest.fixture
async def reported() -> list[dict[str, Any]]:
    """What the event loop is told of as an error that nobody handled."""
    found: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: found.append(context))
    return found
