"""The publisher against real brokers."""

from __future__ import annotations

import asyncio
import json
import logging
import threading
from pathlib import Path

import pytest

from streamer.errors import StoreError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.encoding import final_payload
from streamer.sinks.mqtt.payloads import encode
from streamer.types import (
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    Notice,
    SegmentFinalized,
    Severity,
    StatusUpdated,
    TitleChanged,
)
from tests.brokers import Mosquitto, amqtt_broker, free_port, subscribed
from tests.sinks.events import awaited, called_off
from tests.sinks.mqtt.parts import START, STARTED, Bench, MemoryOutbox, Message, running, segment
from tests.sinks.mqtt.readings import last, numbers

pytestmark = pytest.mark.broker


async def test_finals_arrive_in_order_and_leave_the_outbox(tmp_path: Path, protocol: str) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        async with running(broker.port, protocol=protocol) as bench:
            for number in range(1, 21):
                await bench.finalize(number)
            await seen.until(lambda seen: len(seen.on("caption/final")) == 20)

            assert numbers(seen.on("caption/final")) == list(range(1, 21))
            await bench.publisher.handle(MeetingEnded(0, STARTED.started_at))
            await seen.until(lambda seen: seen.on("status") and last(seen.on("status"))["status"] == "offline")
            assert bench.outbox.count() == 0


async def test_amqtt_passes_finals_on(tmp_path: Path) -> None:
    async with amqtt_broker(tmp_path) as port, subscribed(port) as seen, running(port, protocol="3.1.1") as bench:
        await bench.finalize(1)

        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])


async def test_meeting_is_retained_for_late_joiners(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker:
        async with subscribed(broker.port) as early, running(broker.port) as bench:
            await bench.publisher.handle(TitleChanged("月会"))
            await bench.publisher.handle(MeetingPaused(0, STARTED.started_at))
            await bench.finalize(1, "开始了。")
            await early.until(lambda seen: seen.on("meeting") and last(seen.on("meeting"))["last"] is not None)
            async with subscribed(broker.port) as late:
                await late.until(lambda seen: seen.on("meeting"))
                meeting = last(late.on("meeting"))

        assert (meeting["title"], meeting["state"], meeting["last"]["text"]) == ("月会", "paused", "开始了。")


async def test_the_end_is_told_after_the_last_final_and_mark(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await seen.until(lambda seen: seen.on("meeting"))
        for number in range(1, 41):
            await bench.finalize(number)
        await bench.publisher.handle(MarkAdded(16_000, START))
        await bench.publisher.handle(MeetingEnded(32_000, START))
        await seen.until(lambda seen: last(seen.on("meeting"))["state"] == "ended")

        assert numbers(seen.on("caption/final")) == list(range(1, 41))
        assert len(seen.on("mark")) == 1


class SlowOutbox(MemoryOutbox):
    """One whose finals take for ever to be read, from the meeting's end on."""

    def __init__(self) -> None:
        super().__init__()
        self.hangs = threading.Event()
        self.goes_on = threading.Event()

    def waiting(self, limit: int) -> tuple[Message, ...]:
        if self.hangs.is_set():
            self.goes_on.wait(20)
        return super().waiting(limit)


async def test_an_end_whose_finals_take_too_long_is_told_before_them(tmp_path: Path) -> None:
    outbox = SlowOutbox()
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, outbox, drain_s=1) as bench,
    ):
        await seen.until(lambda seen: seen.on("meeting"))
        outbox.hangs.set()
        await bench.finalize(1)
        await bench.publisher.handle(MeetingEnded(32_000, START))
        await seen.until(lambda seen: last(seen.on("meeting"))["state"] == "ended")
        outbox.goes_on.set()

        assert seen.on("caption/final") == []


class LockedOutbox(MemoryOutbox):
    def count(self) -> int:
        raise StoreError("the store is locked")


@pytest.mark.parametrize(
    ("outbox", "finals", "logged"),
    [
        (MemoryOutbox(), 1, "captions that wait for mqtt://127.0.0.1:{port}/streamer: 1; the next run sends them"),
        (MemoryOutbox(), 0, "mqtt://127.0.0.1:{port}/streamer was not told that the meeting has ended"),
        (
            LockedOutbox(),
            0,
            "captions that wait for mqtt://127.0.0.1:{port}/streamer cannot be counted: the store is locked",
        ),
    ],
)
async def test_the_end_of_a_meeting_without_broker_is_no_failure(
    outbox: MemoryOutbox, finals: int, logged: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    port = free_port()
    bench = Bench(MqttSettings(url=f"mqtt://127.0.0.1:{port}/streamer", drain_s=0.0), outbox)
    for number in range(finals):
        await bench.finalize(number)
    await bench.publisher.handle(MeetingEnded(32_000, START))
    await bench.publisher.run()
    bench.close()

    assert caplog.messages[-1:] == [logged.format(port=port)]


async def test_a_broker_that_is_away_is_not_waited_for_where_the_meeting_is_called_off() -> None:
    bench = Bench(MqttSettings(url=f"mqtt://127.0.0.1:{free_port()}/streamer", drain_s=600))
    await bench.publisher.handle(awaited(9))
    await bench.publisher.handle(called_off(8))
    async with asyncio.timeout(20):
        await bench.publisher.run()
    bench.close()


async def test_outbox_left_by_a_killed_run_is_sent_first(tmp_path: Path) -> None:
    outbox = MemoryOutbox()
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        async with running(free_port(), outbox) as killed:
            await killed.finalize(1)
        async with running(broker.port, outbox) as bench:
            await bench.finalize(2)
            await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1, 2])


async def test_metrics_are_published_at_their_interval(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, metrics_interval_s=1.0) as bench,
    ):
        await bench.publisher.handle(StatusUpdated(32000, -30.04, 0.5, True, 2))
        await seen.until(lambda seen: seen.on("metrics"))
        metrics = last(seen.on("metrics"))

        assert (metrics["position"], metrics["level_dbfs"], metrics["lag"]) == (2.0, -30.0, 0.5)
        assert (metrics["speech"], metrics["partials_shed"], metrics["outbox"]) == (True, 2, 0)


async def test_a_final_that_is_in_the_outbox_later_than_it_is_told_is_sent_with_the_next_metrics(
    tmp_path: Path,
) -> None:
    """Its store's disk hung."""
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, metrics_interval_s=1.0) as bench,
    ):
        await bench.publisher.handle(StatusUpdated(32000, -30.04, 0.5, True, 2))
        await bench.publisher.handle(SegmentFinalized(segment(1)))
        await seen.until(lambda seen: seen.on("metrics"))
        bench.outbox.put(
            "streamer/room/caption/final", encode(final_payload("room", STARTED.meeting_id, segment(1), 1))
        )

        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])


async def test_another_meeting_in_the_room_is_warned_of() -> None:
    bench = Bench(
        MqttSettings(url=f"mqtt://127.0.0.1:{free_port()}/streamer", drain_s=0.0), rival="20261120T140000Z-12ab"
    )
    await bench.publisher.handle(MeetingEnded(32_000, START))
    await bench.publisher.run()
    bench.close()

    expected = "MQTT: another meeting is held in room room, 20261120T140000Z-12ab: --room NAME parts them"
    assert bench.notices[0] == Notice("mqtt.rival", Severity.WARNING, expected)


async def test_mosquitto_sub_reads_captions(tmp_path: Path) -> None:
    """A client that no part of this project wrote."""
    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench:
        command = [
            "mosquitto_sub",
            "-p",
            str(broker.port),
            "-t",
            "streamer/+/caption/final",
            "-q",
            "1",
            "-C",
            "1",
            "-W",
            "10",
        ]
        reader = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
        for number in range(1, 200):
            await bench.finalize(number, "大家好。")
            try:
                await asyncio.wait_for(reader.wait(), 0.05)
                break
            except TimeoutError:
                continue
        assert reader.stdout is not None
        caption = json.loads(await reader.stdout.read())

        assert caption["text"] == "大家好。"
