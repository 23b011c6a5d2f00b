"""Provisional text over a real broker."""

from __future__ import annotations

from pathlib import Path

import pytest

from streamer.types import (
    SegmentUpdated,
)
from tests.brokers import Mosquitto, subscribed
from tests.sinks.mqtt.parts import running, segment
from tests.sinks.mqtt.readings import last

pytestmark = pytest.mark.broker


async def test_only_the_newest_partial_is_sent_and_none_after_its_final(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await seen.until(lambda seen: seen.on("status"))
        await seen.until(lambda seen: seen.on("meeting"))
        for revision in range(5):
            await bench.publisher.handle(SegmentUpdated(segment(1, revision=revision), 7, 0.25))
        await seen.until(lambda seen: seen.on("caption/partial"))
        partial = last(seen.on("caption/partial"))

        assert (partial["revision"], partial["utterance"], partial["lag"]) == (4, 7, 0.25)
        assert len(seen.on("caption/partial")) == 1
        await bench.publisher.handle(SegmentUpdated(segment(1, revision=5), 7, 0.25))
        await bench.finalize(1)
        await seen.until(lambda seen: seen.on("caption/final"))
        await bench.publisher.handle(SegmentUpdated(segment(2, revision=0), 8, 0.25))
        await seen.until(lambda seen: len(seen.on("caption/partial")) == 2)

        assert last(seen.on("caption/partial"))["utterance"] == 8
