"""Finals in hindsight against real brokers: after their finals, and never in the way of finals."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streamer.types import MeetingEnded
from tests.brokers import Collector, Mosquitto, access_list, kept_subscription, subscribed
from tests.mqtt_edge import edge
from tests.sinks.mqtt.parts import START, running
from tests.sinks.mqtt.readings import last, numbers, told

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("_connects_at_once")]


def captions(seen: Collector) -> list[tuple[str, int]]:
    """Topic and segment of the captions in the order of arrival, repeats dropped as a receiver would."""
    found = [(topic.removeprefix("streamer/room/"), json.loads(payload)) for topic, payload, _ in seen.messages]
    return list(dict.fromkeys((topic, told["segment"]) for topic, told in found if "segment" in told))


async def test_a_final_in_hindsight_follows_on_its_own_topic(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await bench.finalize(1)
        await bench.finalize(2)
        await bench.revise(1)
        await bench.finalize(3)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1, 2, 3])

    assert captions(seen) == [("caption/final", 1), ("caption/final", 2), ("revised", 1), ("caption/final", 3)]
    assert last(seen.on("revised"))["text"] == "你好，"


async def test_whoever_takes_all_captions_gets_each_final_once(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "streamer/+/caption/#") as seen,
        running(broker.port) as bench,
    ):
        for number in (1, 2, 3):
            await bench.finalize(number)
            await bench.revise(number)
        await seen.until(lambda seen: len(seen.messages) == 3)

    assert captions(seen) == [("caption/final", number) for number in (1, 2, 3)]


async def test_hindsight_neither_counts_nor_becomes_the_last_caption(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await bench.finalize(1)
        await bench.finalize(2)
        await bench.revise(1)
        await bench.publisher.handle(MeetingEnded(32_000, START))
        # On a machine that stands still the end may be told before the finals, and again after them.
        await seen.until(lambda seen: bool(seen.on("status")) and last(seen.on("status"))["status"] == "offline")
        meeting = last(seen.on("meeting"))

    assert meeting["state"] == "ended"
    assert (meeting["finals"], meeting["last"]["segment"], meeting["last"]["text"]) == (2, 2, "你好。")
    assert [json.loads(payload)["sequence"] for payload in seen.on("final")] == [1, 2]


async def test_the_end_is_told_after_the_last_final_in_hindsight(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await seen.until(lambda seen: seen.on("meeting"))
        for number in range(1, 41):
            await bench.finalize(number)
        for number in range(1, 41):
            await bench.revise(number)
        await bench.publisher.handle(MeetingEnded(32_000, START))
        await seen.until(lambda seen: last(seen.on("meeting"))["state"] == "ended")

        assert numbers(seen.on("revised")) == list(range(1, 41))


def arrived(number: int) -> Callable[[Collector], bool]:
    """Whether hindsight of a final, or of one after it, has come last."""
    return lambda seen: bool(seen.on("revised")) and last(seen.on("revised"))["segment"] >= number


async def test_each_comes_after_its_final_over_a_broker_that_is_killed(tmp_path: Path) -> None:
    # What this broker confirms it has written to its subscriber, or keeps until the subscriber is back.
    keeps = ("persistence true", f"persistence_location {tmp_path}/", "queue_qos0_messages true")
    async with (
        asyncio.timeout(100),
        Mosquitto(tmp_path, *keeps, "max_queued_messages 0") as broker,
        kept_subscription(broker.port, "streamer/room/#") as seen,
    ):
        await broker.save(tmp_path)
        async with running(broker.port) as bench:
            for number in range(1, 401):
                await bench.finalize(number)
                if number > 5:
                    await bench.revise(number - 5)
                if number in (150, 300):
                    # The second time comes after the subscriber is back: what it lacks is not in the broker only.
                    await seen.until(arrived(number - 75))
                    broker.kill()
                    await broker.start()
            await seen.until(arrived(395))
            while bench.outbox.count():
                await asyncio.sleep(0.01)

    found = captions(seen)
    places = {caption: place for place, caption in enumerate(found)}
    assert [number for topic, number in found if topic == "caption/final"] == list(range(1, 401))
    assert [number for topic, number in found if topic == "revised"] == list(range(1, 396))
    assert [one for one in range(1, 396) if places["revised", one] < places["caption/final", one]] == []


async def test_a_broker_that_does_not_allow_the_topic_gets_every_final(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/room/caption/#", *(f"write streamer/room/{leaf}" for leaf in
                        ("status", "meeting")), "read #")  # fmt: skip
    async with (
        Mosquitto(tmp_path, *rules) as broker,
        subscribed(broker.port) as seen,
        running(broker.port) as bench,
    ):
        for number in (1, 2, 3):
            await bench.finalize(number)
            await bench.revise(number)

        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1, 2, 3])

        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        text = f"MQTT: {shown} does not take messages on streamer/room/revised (Not authorized)"
        assert (seen.on("revised"), told(bench)) == ([], [("warning", text)])


@pytest.mark.parametrize(
    ("lines", "settings", "reason"),
    [
        ((), {"max_message_bytes": 1000}, "6160 bytes are more than mqtt.max_message_bytes = 1000"),
        (("max_packet_size 2000",), {}, "larger than its limit of 2000 bytes"),
        # It closes the connection instead.
        (("max_packet_size 2000",), {"protocol": "3.1.1"}, "it closes the connection, or does not answer"),
    ],
)
async def test_one_that_is_too_large_is_left_out_and_named(
    tmp_path: Path, lines: tuple[str, ...], settings: dict[str, Any], reason: str
) -> None:
    async with (
        Mosquitto(tmp_path, *lines) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, **settings) as bench,
    ):
        await bench.finalize(1)
        await bench.revise(1, "长" * 1000)
        await bench.finalize(2)
        await bench.revise(2)
        await seen.until(lambda seen: numbers(seen.on("revised")) == [2])

        assert numbers(seen.on("caption/final")) == [1, 2]
        assert ("warning", named(broker.port, 1, reason)) in told(bench)


def named(port: int, segment: int, reason: str) -> str:
    """What a person is told of the first that is left out."""
    return (
        f"MQTT: 1 message(s) left out that mqtt://127.0.0.1:{port}/streamer does not take, "
        f"at last segment {segment} on streamer/room/revised ({reason})"
    )


@pytest.mark.parametrize("protocol", ["5", "3.1.1"])
async def test_one_that_closes_the_connection_is_left_out_and_its_topic_goes_on(tmp_path: Path, protocol: str) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda _topic, payload: "奇".encode() in payload) as front,
        running(front.port, protocol=protocol) as bench,
    ):
        for number, text in enumerate(("好，", "奇，", "好，"), 1):
            await bench.finalize(number)
            await bench.revise(number, text)
        await seen.until(lambda seen: numbers(seen.on("revised")) == [1, 3])

    assert numbers(seen.on("caption/final")) == [1, 2, 3]
    # One more where a state was on its way with it the first time.
    assert front.objected_to in (["streamer/room/revised"] * 5, ["streamer/room/revised"] * 6)
    assert ("warning", named(front.port, 2, "it closes the connection, or does not answer")) in told(bench)


async def test_an_edge_that_does_not_allow_the_topic_gets_every_final(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda topic, _payload: topic.endswith("/revised")) as front,
        running(front.port) as bench,
    ):
        for number in range(1, 9):
            await bench.finalize(number)
            await bench.revise(number)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == list(range(1, 9)))
        async with asyncio.timeout(10):
            while bench.outbox.count():
                await asyncio.sleep(0.01)

    shown = f"mqtt://127.0.0.1:{front.port}/streamer"
    text = (
        f"MQTT: {shown} does not take messages on streamer/room/revised (it closes the connection, or does not answer)"
    )
    assert len(front.objected_to) in (9, 10)
    assert ("warning", text) in told(bench)
