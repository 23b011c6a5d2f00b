"""A watcher behind a real broker."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.subscriber import RoomWatcher, parse_watch_address
from streamer.types import MeetingEvent, MeetingStarted, SegmentFinalized
from tests.brokers import Mosquitto
from tests.sinks.mqtt.parts import running


@pytest.mark.parametrize(
    ("url", "prefix", "room"),
    [("mqtt://host/streamer/+", "streamer", "+"), ("mqtt://host/site/floor/room-1", "site/floor", "room-1")],
)
def test_address_names_prefix_and_room(url: str, prefix: str, room: str) -> None:
    address, found = parse_watch_address(url)

    assert (address.prefix, found) == (prefix, room)


@pytest.mark.parametrize("url", ["mqtt://host", "mqtt://host/streamer", "mqtt://host/"])
def test_address_without_a_room_is_refused(url: str) -> None:
    with pytest.raises(SettingsError, match="names no room"):
        parse_watch_address(url)


async def collect(watcher: RoomWatcher, seen: list[tuple[str, MeetingEvent]]) -> None:
    async for found in watcher.events():
        seen.append(found)  # noqa: PERF401 - the list is read while it grows


def texts(seen: list[tuple[str, MeetingEvent]]) -> list[str]:
    return [event.segment.text for _, event in seen if isinstance(event, SegmentFinalized)]


@pytest.mark.broker
async def test_watcher_survives_a_broker_restart_and_drops_repeats(tmp_path: Path) -> None:
    seen: list[tuple[str, MeetingEvent]] = []
    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench:
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/+"))
        task = asyncio.ensure_future(collect(watcher, seen))
        async with asyncio.timeout(20):
            while not any(isinstance(event, MeetingStarted) for _, event in seen):
                await asyncio.sleep(0.01)
            await bench.finalize(1, "一。")
            while texts(seen) != ["一。"]:
                await asyncio.sleep(0.01)
            broker.kill()
            await broker.start()
            started = len(seen)
            while not any(event.__class__.__name__ == "Notice" for _, event in seen[started:]):
                await asyncio.sleep(0.01)
            await bench.finalize(2, "二。")
            while "二。" not in texts(seen):
                await asyncio.sleep(0.01)
        task.cancel()

    assert texts(seen) == ["一。", "二。"]
    assert {room for room, event in seen if isinstance(event, SegmentFinalized)} == {"room"}
