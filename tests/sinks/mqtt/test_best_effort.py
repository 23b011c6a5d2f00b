"""What is no final, at an edge that closes the connection over it: finals never wait for it for long."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from streamer.types import MarkAdded, SegmentUpdated, TitleChanged
from tests.brokers import Mosquitto, access_list, subscribed
from tests.mqtt_edge import edge
from tests.sinks.mqtt.parts import START, running, segment
from tests.sinks.mqtt.readings import last, notes, numbers, told

pytestmark = [pytest.mark.broker, pytest.mark.usefixtures("_connects_at_once")]


async def test_a_mark_that_closes_the_connection_is_left_out_and_named(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda _topic, payload: b"odd" in payload) as front,
        running(front.port) as bench,
    ):
        for note in ("1", "odd", "2"):
            await bench.publisher.handle(MarkAdded(16_000, START, note))
        await bench.finalize(1, "长" * 200)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1] and notes(seen.on("mark")) == ["1", "2"])

    shown = f"mqtt://127.0.0.1:{front.port}/streamer"
    text = (
        f"MQTT: 1 message(s) left out that {shown} does not take, at last the mark at 1 s on streamer/room/mark "
        "(it closes the connection, or does not answer)"
    )
    # Five times, and once more where others were on their way with it the first time.
    assert set(front.objected_to) == {"streamer/room/mark"}
    assert len(front.objected_to) in (5, 6)
    assert ("warning", text) in told(bench)
    # The final that came with the mark each time is not what the edge does not stand.
    assert (last(seen.on("final"))["shortened"], list(bench.outbox.parked)) == (False, [])


async def test_a_mark_that_gets_no_receipt_is_left_out_and_finals_pass(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda _topic, payload: b"odd" in payload, swallows=True) as front,
        running(front.port, timeout_s=0.5) as bench,
    ):
        for note in ("odd", "2"):
            await bench.publisher.handle(MarkAdded(16_000, START, note))
        await bench.finalize(1, "长" * 200)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1] and notes(seen.on("mark")) == ["2"])

    assert front.objected_to == ["streamer/room/mark"] * 5
    assert (last(seen.on("final"))["shortened"], list(bench.outbox.parked)) == (False, [])


async def test_a_title_that_closes_the_connection_holds_up_nothing(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda _topic, payload: b"odd" in payload) as front,
        running(front.port) as bench,
    ):
        await bench.publisher.handle(TitleChanged("odd"))
        await bench.finalize(1)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])
        await bench.publisher.handle(TitleChanged("月会"))
        await seen.until(lambda seen: seen.on("meeting") and last(seen.on("meeting"))["title"] == "月会")

    assert set(front.objected_to) == {"streamer/room/meeting"}


@pytest.mark.parametrize("leaf", ["status", "meeting"])
async def test_an_edge_that_does_not_allow_states_gets_every_final(tmp_path: Path, leaf: str) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "streamer/room/caption/#") as seen,
        edge(broker.port, lambda topic, _payload: topic.endswith(leaf)) as front,
        running(front.port) as bench,
    ):
        for number in range(1, 9):
            await bench.finalize(number)
            await seen.until(lambda seen, number=number: numbers(seen.on("final")) == list(range(1, number + 1)))  # type: ignore[misc]

    # A connection that is closed before a final is confirmed makes it come twice, as QoS 1 may.
    assert list(dict.fromkeys(json.loads(payload)["sequence"] for payload in seen.on("final"))) == list(range(1, 9))
    assert len(front.objected_to) == {"status": 5, "meeting": 10}[leaf]


async def test_a_broker_that_refuses_states_gets_every_final_once(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/room/caption/final", "read #")
    async with (
        Mosquitto(tmp_path, *rules) as broker,
        subscribed(broker.port) as seen,
        running(broker.port) as bench,
    ):
        for number in range(1, 41):
            await bench.finalize(number)
            await bench.publisher.handle(TitleChanged(f"第{number}次"))
            await seen.until(lambda seen, number=number: len(seen.messages) >= number)  # type: ignore[misc]

    shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
    refused = [f"MQTT: {shown} does not take messages on streamer/room/{names} (Not authorized)" for names in
               ("status", "meeting, streamer/room/status")]  # fmt: skip
    assert [json.loads(payload)["sequence"] for payload in seen.on("final")] == list(range(1, 41))
    assert told(bench) == [("warning", text) for text in refused]


async def test_an_edge_that_does_not_allow_partials_gets_every_final_over_one_connection_at_last(
    tmp_path: Path,
) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "streamer/room/#") as seen,
        edge(broker.port, lambda topic, _payload: topic.endswith("partial")) as front,
        running(front.port) as bench,
    ):
        shown = f"mqtt://127.0.0.1:{front.port}/streamer"
        reason = "it closes the connection, or does not answer"
        text = f"MQTT: {shown} does not take messages on streamer/room/caption/partial ({reason})"
        async with asyncio.timeout(20):
            while ("warning", text) not in told(bench):
                await bench.publisher.handle(SegmentUpdated(segment(1), 1, 0.1))
                await asyncio.sleep(0.01)
        await bench.finalize(1)
        await seen.until(lambda seen: seen.on("final"))

    assert set(front.objected_to) == {"streamer/room/caption/partial"}
