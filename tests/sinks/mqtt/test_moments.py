"""Marks and gaps over a real broker."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from streamer.types import Gap, GapFound, MarkAdded, MeetingEnded
from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.parts import START, STARTED, running
from tests.sinks.mqtt.readings import notes

pytestmark = pytest.mark.broker

MARK = MarkAdded(16_000, START, "决定")


async def test_marks_and_gaps_are_published(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await bench.publisher.handle(MARK)
        await bench.publisher.handle(GapFound(Gap(32_000, START, 2.5, "device lost")))
        await seen.until(lambda seen: seen.on("mark") and seen.on("gap"))

        mark, gap = json.loads(seen.on("mark")[0]), json.loads(seen.on("gap")[0])
        assert (mark["meeting"], mark["position"], mark["note"]) == (STARTED.meeting_id, 1.0, "决定")
        assert (gap["position"], gap["seconds"], gap["reason"]) == (2.0, 2.5, "device lost")


async def test_a_mark_that_is_larger_than_allowed_is_left_out_and_told(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, max_message_bytes=512) as bench,
    ):
        for note in ("长" * 200, "2"):
            await bench.publisher.handle(replace(MARK, note=note))
        await seen.until(lambda seen: seen.on("mark"))

    assert notes(seen.on("mark")) == ["2"]
    assert [notice.text.partition("at last ")[2] for notice in bench.notices] == [
        "the mark at 1 s on streamer/room/mark (708 bytes are more than mqtt.max_message_bytes = 512)"
    ]


async def test_marks_made_while_the_broker_is_away_come_in_order_later(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench:
        async with subscribed(broker.port) as seen:
            await bench.publisher.handle(replace(MARK, note="1"))
            await seen.until(lambda seen: seen.on("mark"))
        broker.kill()
        for note in "234":
            await bench.publisher.handle(replace(MARK, note=note))
        await broker.start()
        async with subscribed(broker.port) as seen:
            await bench.publisher.handle(MeetingEnded(32_000, START))
            await seen.until(lambda seen: notes(seen.on("mark"))[-1:] == ["4"])

            assert notes(seen.on("mark")) == ["2", "3", "4"]
