"""What Home Assistant is told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.homeassistant import discovery_messages
from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.parts import running


@pytest.mark.parametrize(
    ("prefix", "why"),
    [
        ("", "mqtt.homeassistant_prefix '' cannot be part of an MQTT topic: expected 1–1024 bytes, no $ in front"),
        (
            "home/#",
            (
                "mqtt.homeassistant_prefix 'home/#' cannot be part of an MQTT topic: it holds '#'; "
                "leave out +, # and control characters"
            ),
        ),
    ],
)
def test_a_prefix_on_which_nobody_can_publish_is_refused(prefix: str, why: str) -> None:
    with pytest.raises(SettingsError) as refused:
        discovery_messages(Topics("streamer", "room"), MqttSettings(homeassistant=True, homeassistant_prefix=prefix))

    assert str(refused.value) == why


@pytest.mark.broker
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
