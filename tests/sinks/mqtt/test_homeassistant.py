"""What Home Assistant is told over a real broker."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.parts import running

pytestmark = pytest.mark.broker


async def test_home_assistant_is_told_of_both_entities(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "homeassistant/#") as seen,
        running(broker.port, homeassistant=True),
    ):
        await seen.until(lambda seen: len(seen.messages) == 2)
        topics = [topic.split("/")[1] for topic, _, _ in seen.messages]
        caption = json.loads(seen.messages[0][1])

        assert topics == ["sensor", "binary_sensor"]
        assert caption["state_topic"] == "streamer/room/caption/final"
