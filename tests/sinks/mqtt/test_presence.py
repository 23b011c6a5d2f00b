"""The retained status of a room over a real broker."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import aiomqtt
import pytest

from streamer.types import (
    StatusUpdated,
)
from tests.brokers import Mosquitto, access_list, subscribed
from tests.sinks.events import awaited, called_off
from tests.sinks.mqtt.parts import STARTED, running
from tests.sinks.mqtt.readings import last

pytestmark = pytest.mark.broker


async def test_killed_process_leaves_offline_by_the_last_will(tmp_path: Path) -> None:
    script = (
        "import asyncio, sys; sys.path.insert(0, '.')\n"
        "from tests.sinks.mqtt.parts import running\n"
        "async def main():\n"
        "    async with running({port}): await asyncio.sleep(60)\n"
        "asyncio.run(main())"
    )
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port, "streamer/room/status") as seen:
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", script.replace("{port}", str(broker.port)))
        await seen.until(lambda seen: seen.messages)
        process.kill()
        await process.wait()
        await seen.until(lambda seen: len(seen.messages) == 2)

        assert [json.loads(message)["status"] for message in seen.on("status")] == ["online", "offline"]
        async with subscribed(broker.port, "streamer/room/status") as late:
            await late.until(lambda seen: seen.messages)
            assert (last(late.on("status"))["status"], late.messages[0][2]) == ("offline", True)


OFFLINE = b'{"room":"room","status":"offline","v":1}'


@pytest.mark.parametrize("contradiction", [OFFLINE, b""])
async def test_a_room_contradicts_whoever_says_that_it_is_offline(tmp_path: Path, contradiction: bytes) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        aiomqtt.Client("127.0.0.1", broker.port) as other,
        running(broker.port, metrics_interval_s=3600),
    ):
        async with subscribed(broker.port) as seen:
            await seen.until(lambda seen: seen.on("status"))
            await seen.until(lambda seen: seen.on("meeting"))
        await other.subscribe("streamer/room/status", qos=1)
        await other.publish("streamer/room/status", contradiction, qos=1, retain=True)
        async with asyncio.timeout(20):
            statuses = [message.payload async for message, _ in zip_async(other.messages, 3)]

    assert [b"online" in status for status in statuses] == [True, False, True]


async def zip_async(messages: AsyncIterator[aiomqtt.Message], count: int) -> AsyncIterator[tuple[aiomqtt.Message, int]]:
    for number in range(count):
        yield await anext(messages), number


async def test_a_status_that_nobody_contradicts_is_told_once(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, metrics_interval_s=1.0) as bench,
    ):
        await bench.publisher.handle(StatusUpdated(32000, -30.0, 0.5, True, 2))
        await seen.until(lambda seen: len(seen.on("metrics")) == 2)

        assert len(seen.on("status")) == 1


async def test_a_room_that_may_not_read_its_status_tells_it_with_its_metrics(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/#", "read streamer/room/metrics", "read streamer/room/caption/#")
    async with (
        Mosquitto(tmp_path, *rules) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, metrics_interval_s=1.0) as bench,
    ):
        told_of = []
        tell = bench.publisher._presence.tell
        bench.publisher._presence.tell = lambda link: (told_of.append(link), tell(link))[1]  # type: ignore[method-assign]
        await bench.publisher.handle(StatusUpdated(32000, -30.0, 0.5, True, 2))
        await seen.until(lambda seen: seen.on("metrics"))

        assert told_of


async def test_a_room_says_what_it_waits_for_and_that_it_waits_no_more(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        async with running(broker.port, started=False) as bench:
            await seen.until(lambda seen: seen.on("status"))
            await bench.publisher.handle(awaited(9))
            await seen.until(lambda seen: len(seen.on("status")) == 2)
            await bench.publisher.handle(STARTED)
            await seen.until(lambda seen: len(seen.on("status")) == 3 and seen.on("meeting"))

    statuses = [json.loads(message) for message in seen.on("status")][:3]
    wanted = {"device": "USB", "since": "2026-11-20T14:21:00Z", "reason": "no input is named 'USB'"}
    assert [status["status"] for status in statuses] == ["online"] * 3
    assert [status.get("waiting") for status in statuses] == [None, wanted, None]


async def test_a_room_whose_meeting_is_called_off_leaves(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        async with running(broker.port, started=False) as bench:
            await bench.publisher.handle(awaited(9))
            await seen.until(lambda seen: seen.on("status"))
            await bench.publisher.handle(called_off(8))
            await seen.until(lambda seen: last(seen.on("status"))["status"] == "offline")

    assert seen.on("meeting") == []
