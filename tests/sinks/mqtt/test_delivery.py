"""Finals that a broker does not take as they are."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections import Counter
from pathlib import Path

import pytest

from streamer.sinks.mqtt.encoding import final_payload
from streamer.sinks.mqtt.payloads import encode
from tests.brokers import Mosquitto, subscribed
from tests.mqtt_edge import edge
from tests.sinks.mqtt.parts import STARTED, running, segment
from tests.sinks.mqtt.readings import numbers, told

pytestmark = pytest.mark.broker


async def test_payload_over_the_limit_loses_its_tokens(tmp_path: Path, protocol: str) -> None:
    async with (
        Mosquitto(tmp_path, "max_packet_size 2000") as broker,
        subscribed(broker.port) as seen,
        running(broker.port, protocol=protocol) as bench,
    ):
        await bench.finalize(1, "长" * 100)
        await bench.finalize(2)
        await seen.until(lambda seen: len(seen.on("caption/final")) == 2, 30)
        first = json.loads(seen.on("caption/final")[0])

        assert (first["shortened"], first["tokens"], len(first["text"])) == (True, [], 100)


@pytest.mark.usefixtures("_connects_at_once")
async def test_what_size_closes_the_connection_is_learnt_from_two_finals_and_told(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda _topic, payload: len(payload) > 2000) as front,
        running(front.port, protocol="3.1.1") as bench,
    ):
        for number, characters in enumerate((100, 80, 90, 5, 120), 1):
            await bench.finalize(number, "长" * characters)
        await seen.until(lambda seen: len(seen.on("caption/final")) == 5)

    size = len(encode(final_payload("room", STARTED.meeting_id, segment(2, "长" * 80), 2)))
    text = (
        f"MQTT: finals of {size} bytes and more go without tokens, mqtt://127.0.0.1:{front.port}/streamer closes the "
        "connection over them; set mqtt.max_message_bytes to what it takes"
    )
    assert [json.loads(final)["shortened"] for final in seen.on("final")] == [True, True, True, False, True]
    assert len(front.objected_to) in (4, 5)
    assert ("warning", text) in told(bench)


async def test_payload_that_stays_too_large_is_parked_and_blocks_nothing(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path, "max_packet_size 2000") as broker,
        subscribed(broker.port) as seen,
        running(broker.port) as bench,
    ):
        await bench.finalize(1, "长" * 1000)
        await bench.finalize(2)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [2])

        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        text = f"MQTT: 1 final(s) set aside that {shown} does not take (larger than its limit of 2000 bytes)"
        assert list(bench.outbox.parked) == [1]
        assert told(bench) == [("warning", text)]


async def test_own_limit_parks_too(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, max_message_bytes=1000) as bench,
    ):
        await bench.finalize(1, "长" * 1000)
        await bench.finalize(2)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [2])

        assert list(bench.outbox.parked) == [1]


@pytest.mark.usefixtures("_connects_at_once")
@pytest.mark.parametrize("limit", ["message_size_limit 600", "max_packet_size 600"])
async def test_a_limit_below_1_kb_blocks_nothing_where_it_closes_the_connection(tmp_path: Path, limit: str) -> None:
    protocol = "5" if limit.startswith("message") else "3.1.1"
    async with (
        Mosquitto(tmp_path, limit) as broker,
        subscribed(broker.port, "streamer/room/caption/final") as seen,
        running(broker.port, protocol=protocol) as bench,
    ):
        for number, characters in enumerate((1, 5, 6, 60, 7, 1), 1):
            await bench.finalize(number, "长" * characters)
        await seen.until(lambda seen: len(seen.on("final")) == 5)

    finals = [json.loads(final) for final in seen.on("final")]
    found = [(one["segment"], one["shortened"], len(one["text"])) for one in finals]
    assert found == [(1, False, 1), (2, True, 5), (3, True, 6), (5, True, 7), (6, False, 1)]
    shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
    reason = "it closed the connection 5 times instead; raise its limit on sizes"
    assert list(bench.outbox.parked) == [4]
    assert ("warning", f"MQTT: 1 final(s) set aside that {shown} does not take ({reason})") in told(bench)


@pytest.mark.usefixtures("_connects_at_once")
async def test_finals_that_a_broker_does_not_allow_wait_until_it_does(tmp_path: Path) -> None:
    refusals = itertools.count(1)
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda topic, _payload: topic.endswith("/final") and next(refusals) <= 12) as front,
        running(front.port, protocol="3.1.1", backoff_max_s=0.01) as bench,
    ):
        await bench.finalize(1, "长" * 20)
        await seen.until(lambda seen: len(seen.on("caption/final")) == 1)

    assert list(bench.outbox.parked) == []


@pytest.mark.usefixtures("_connects_at_once")
async def test_finals_that_are_small_teach_nothing_of_sizes(tmp_path: Path) -> None:
    losses: Counter[int] = Counter()

    def is_lost(topic: str, body: bytes) -> bool:
        """Twice while each of the first two finals is on its way."""
        if not topic.endswith("/final"):
            return False
        sequence = json.loads(body[body.index(b"{") :])["sequence"]
        losses[sequence] += 1
        return sequence <= 2 and losses[sequence] <= 3

    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, is_lost) as front,
        running(front.port, protocol="3.1.1") as bench,
    ):
        for number in range(1, 5):
            await bench.finalize(number)
            await seen.until(lambda seen, number=number: len(seen.on("caption/final")) == number)  # type: ignore[misc]

    assert [json.loads(final)["shortened"] for final in seen.on("final")] == [False] * 4


@pytest.mark.usefixtures("_connects_at_once")
async def test_a_final_that_gets_no_receipt_is_sent_again_until_it_does_and_the_others_wait(tmp_path: Path) -> None:
    swallowed = itertools.count(1)

    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "streamer/room/caption/#") as seen,
        edge(
            broker.port, lambda topic, _payload: topic.endswith("final") and next(swallowed) <= 7, swallows=True
        ) as front,
        running(front.port, timeout_s=0.5, backoff_max_s=0.1) as bench,
    ):
        for number in (1, 2, 3):
            await bench.finalize(number, "长" * 200)
        await seen.until(lambda seen: len(seen.on("final")) == 3)
        async with asyncio.timeout(10):
            while len(bench.notices) < 2:
                await asyncio.sleep(0.01)

    finals = [json.loads(payload) for payload in seen.on("final")]
    assert [(one["sequence"], one["shortened"]) for one in finals] == [(1, False), (2, False), (3, False)]
    assert list(bench.outbox.parked) == []
    shown = f"mqtt://127.0.0.1:{front.port}/streamer"
    assert told(bench) == [
        ("warning", f"MQTT: finals are kept and sent later, no link to {shown} (no answer within 0.5 s)"),
        ("info", f"MQTT: the link to {shown} is back; sent now of what waited: 3"),
    ]
