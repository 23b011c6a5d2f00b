"""Client ids: programs with one and the same settings do not throw each other out."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import pytest

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.client_ids import client_id, passing_client_id
from streamer.sinks.mqtt.subscriber import RoomWatcher
from streamer.types import MeetingStarted, SegmentFinalized
from tests.brokers import Mosquitto
from tests.sinks.mqtt.parts import running


@pytest.mark.parametrize(("configured", "run", "watch"), [
    ("hall-7", r"hall-7", r"hall-7-watch-[0-9a-f]{8}"),
    ("", r"streamer-room-[0-9a-f]{8}", r"streamer-watch-[0-9a-f]{8}"),
])  # fmt: skip
def test_a_run_has_the_configured_id_and_others_one_with_an_ending(configured: str, run: str, watch: str) -> None:
    settings = MqttSettings(client_id=configured)

    assert re.fullmatch(run, client_id(settings, "room"))
    assert re.fullmatch(watch, passing_client_id(settings, "watch"))
    assert passing_client_id(settings, "watch") != passing_client_id(settings, "watch")


@pytest.mark.broker
async def test_whoever_watches_with_the_settings_of_a_run_leaves_it_its_connection(tmp_path: Path) -> None:
    async with (
        asyncio.timeout(20),
        Mosquitto(tmp_path) as broker,
        running(broker.port, client_id="hall-7") as bench,
    ):
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/room", client_id="hall-7"))
        async for _, event in watcher.events():
            if isinstance(event, MeetingStarted):  # a final from right before might be told of by neither topic
                await bench.finalize(1)
            if isinstance(event, SegmentFinalized):
                break

        assert bench.notices == []
