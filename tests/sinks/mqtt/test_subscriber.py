"""A watcher behind a real broker."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

import aiomqtt
import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.payloads import MeetingPayload, StatusPayload, encode
from streamer.sinks.mqtt.silence import NOBODY, NOBODY_KEY
from streamer.sinks.mqtt.subscriber import RoomWatcher, parse_watch_address
from streamer.sinks.mqtt.unread import UNREAD_KEY
from streamer.types import MeetingEvent, Notice, Severity
from tests.brokers import Mosquitto, subscription_list
from tests.sinks.mqtt.watching import begun, collect


@pytest.mark.parametrize(
    ("url", "prefix", "room"),
    [("mqtt://host/streamer/+", "streamer", "+"), ("mqtt://host/site/floor/room-1", "site/floor", "room-1")],
)
def test_address_names_prefix_and_room(url: str, prefix: str, room: str) -> None:
    address, found = parse_watch_address(url)

    assert (address.prefix, found) == (prefix, room)


@pytest.mark.parametrize(
    ("urls", "reason"),
    [
        (("mqtt://host", "mqtt://host/streamer", "mqtt://host/"), "names no room"),
        (("mqtt://[::1/streamer/room",), "Invalid IPv6 URL"),
        (("http://host", "host/streamer/room"), "expected mqtt:// or mqtts://"),
        (("mqtt://host/streamer/%23", "mqtt://host/streamer/a+b"), "room '.*' cannot be part of an MQTT topic"),
    ],
)
def test_another_address_is_refused(urls: tuple[str, ...], reason: str) -> None:
    for url in urls:
        with pytest.raises(SettingsError, match=reason):
            parse_watch_address(url)


async def keep(port: int, room: str, state: str) -> None:
    """Have the broker keep what a room's streamer leaves there."""
    meeting = MeetingPayload(room, "20261120T143000Z-3f9a", "周会", state, datetime.now(UTC), "zh 1")
    async with aiomqtt.Client("127.0.0.1", port) as client:
        await client.publish(f"streamer/{room}/meeting", encode(meeting), qos=1, retain=True)
        offline = StatusPayload(room=room, status="offline")
        await client.publish(f"streamer/{room}/status", encode(offline), qos=1, retain=True)


@pytest.mark.broker
@pytest.mark.parametrize(
    ("watched", "told"), [("+", {"crashed": ["offline"]}), ("ended", {"ended": [""]})], ids=["all rooms", "one room"]
)
async def test_rooms_whose_meeting_had_ended_are_shown_only_by_name(
    tmp_path: Path, watched: str, told: dict[str, list[str]]
) -> None:
    seen: list[tuple[str, MeetingEvent]] = []
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(20):
        await keep(broker.port, "ended", "ended")
        await keep(broker.port, "crashed", "running")
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/{watched}"))
        task = asyncio.ensure_future(collect(watcher, seen))
        await begun(seen)
        while not any(room and isinstance(event, Notice) for room, event in seen):
            await asyncio.sleep(0.01)
        task.cancel()

    assert {room for room, event in seen if room} == told.keys()
    notices = [event.text for room, event in seen if room and isinstance(event, Notice)]
    assert notices == next(iter(told.values()))


@pytest.mark.broker
async def test_where_all_meetings_have_ended_it_is_said_that_there_is_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.sinks.mqtt.silence._FIRST_SECONDS", 0.2)
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(20):
        await keep(broker.port, "ended", "ended")
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/+"))
        events = watcher.events()
        seen = [await anext(events), await anext(events)]
        await events.aclose()

    assert seen[-1] == ("", Notice(NOBODY_KEY, Severity.WARNING, NOBODY))


@pytest.mark.broker
async def test_a_broker_that_refuses_to_pass_a_room_on_is_told_of_as_such(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, *subscription_list(tmp_path, "streamer/other/#")) as broker:
        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        text = f"MQTT: no link to {shown} (it does not pass on streamer/room/#: Not authorized)"
        async with asyncio.timeout(10):
            first = await anext(RoomWatcher(MqttSettings(url=f"{shown}/room")).events())

    assert first == ("", Notice("mqtt.link", Severity.WARNING, text))


@pytest.mark.broker
async def test_what_cannot_be_read_is_told_of_until_something_on_its_topic_can(tmp_path: Path) -> None:
    seen: list[tuple[str, MeetingEvent]] = []
    url, topic = "mqtt://127.0.0.1:{}/streamer/room", "streamer/room/status"
    status = encode(StatusPayload(room="room", status="online"))
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(20), aiomqtt.Client("127.0.0.1", broker.port) as client:
        task = asyncio.ensure_future(collect(RoomWatcher(MqttSettings(url=url.format(broker.port))), seen))
        await client.publish(topic, status.replace(b'"v":1', b'"v":2'), qos=1, retain=True)
        await unread(seen, 1)
        await client.publish(topic, status, qos=1, retain=True)
        await unread(seen, 2)
        task.cancel()

    reason = "room/status: payload version 2, expected 1: update streamer on this machine"
    assert [(event.severity, event.text) for _, event in seen if is_unread(event)] == [
        ("warning", f"MQTT: messages that cannot be read are left out: {reason}"),
        ("info", ""),
    ]


def is_unread(event: MeetingEvent) -> TypeGuard[Notice]:
    return isinstance(event, Notice) and event.key == UNREAD_KEY


async def unread(seen: list[tuple[str, MeetingEvent]], count: int) -> None:
    while sum(is_unread(event) for _, event in seen) < count:
        await asyncio.sleep(0.01)
