"""Finals that a broker does not take as they are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.parts import running
from tests.sinks.mqtt.readings import numbers

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


async def test_payload_that_stays_too_large_is_parked_and_blocks_nothing(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path, "max_packet_size 2000") as broker,
        subscribed(broker.port) as seen,
        running(broker.port) as bench,
    ):
        await bench.finalize(1, "长" * 1000)
        await bench.finalize(2)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [2])

        assert list(bench.outbox.parked) == [1]
        assert any("set aside" in notice.text for notice in bench.notices)


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
