"""Brokers that are away, hang, come back or are killed: connections are made again."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import aiomqtt
import pytest

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.link import Link
from streamer.types import MeetingEnded
from tests.brokers import Collector, Mosquitto, access_list, free_port, kept_subscription, subscribed
from tests.sinks.mqtt.parts import START, Bench, running
from tests.sinks.mqtt.readings import last, numbers, told

pytestmark = pytest.mark.broker


async def test_broker_absent_at_the_start_gets_everything_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.sinks.mqtt.publisher._RETURN_SHOWN_S", 0.0)
    port = free_port()
    shown = f"mqtt://127.0.0.1:{port}/streamer"
    async with running(port) as bench:
        for number in (1, 2, 3):
            await bench.finalize(number)
        async with asyncio.timeout(10):
            while not bench.notices:
                await asyncio.sleep(0.01)
        async with Mosquitto(tmp_path, port=port), subscribed(port) as seen:
            await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1, 2, 3])
            async with asyncio.timeout(10):
                while len(bench.notices) < 3:
                    await asyncio.sleep(0.01)

    reason = "the connection was refused; start the broker, or correct host and port"
    assert told(bench) == [
        ("warning", f"MQTT: finals are kept and sent later, no link to {shown} ({reason})"),
        ("info", f"MQTT: the link to {shown} is back; sent now of what waited: 3"),
        ("info", ""),
    ]


async def test_a_broker_that_was_away_is_told_of_once_for_each_reason_that_stays_and_its_return_once(
    tmp_path: Path,
) -> None:
    async with Mosquitto(tmp_path) as broker:
        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        async with subscribed(broker.port) as seen, running(broker.port, backoff_max_s=1.0) as bench:
            await seen.until(lambda seen: seen.on("meeting"))
            broker.kill()
            attempts = attempts_of(bench)
            async with asyncio.timeout(20):
                while len(attempts) < 4:
                    await asyncio.sleep(0.01)
                await broker.start()
                while len(bench.notices) < 3:
                    await asyncio.sleep(0.01)

    refused = "the connection was refused; start the broker, or correct host and port"
    assert told(bench) == [
        ("warning", f"MQTT: finals are kept and sent later, no link to {shown} (the connection was lost)"),
        ("warning", f"MQTT: finals are kept and sent later, no link to {shown} ({refused})"),
        ("info", f"MQTT: the link to {shown} is back"),
    ]


def attempts_of(bench: Bench) -> list[BaseException]:
    """Grows with every connection that fails."""
    attempts: list[BaseException] = []
    down = bench.publisher._notices.down

    def note(error: BaseException) -> None:
        attempts.append(error)
        down(error)

    bench.publisher._notices.down = note  # type: ignore[method-assign]
    return attempts


async def test_absent_broker_is_reported_once_not_at_every_attempt() -> None:
    async with running(free_port(), backoff_max_s=1.0) as bench:
        attempts = attempts_of(bench)
        async with asyncio.timeout(20):
            while len(attempts) < 3:
                await asyncio.sleep(0.01)

        assert len(bench.notices) == 1


def arrived(number: int) -> Callable[[Collector], bool]:
    """Whether a final or one after it has come last."""
    return lambda seen: bool(seen.messages) and last(seen.on("final"))["segment"] >= number


async def test_thousand_finals_survive_a_broker_that_is_killed(tmp_path: Path) -> None:
    # What this broker confirms it has written to its subscriber, or keeps until the subscriber is back.
    keeps = ("persistence true", f"persistence_location {tmp_path}/", "queue_qos0_messages true")
    async with (
        asyncio.timeout(100),
        Mosquitto(tmp_path, *keeps, "max_queued_messages 0") as broker,
        kept_subscription(broker.port, "streamer/room/caption/final") as seen,
    ):
        await broker.save(tmp_path)
        async with running(broker.port) as bench:
            for number in range(1, 1001):
                await bench.finalize(number)
                if number in (300, 600):
                    # The second time comes after the subscriber is back: what it lacks is not in the broker only.
                    await seen.until(arrived(number - 150))
                    broker.kill()
                    await broker.start()
            await seen.until(arrived(1000))
            while bench.outbox.count():
                await asyncio.sleep(0.01)

    assert numbers(seen.on("caption/final")) == list(range(1, 1001))


async def test_hanging_broker_delays_nobody_and_gets_all_after_it_wakes(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port, timeout=30, keepalive=60) as seen:
        async with running(broker.port, timeout_s=1.0) as bench:
            await seen.until(lambda seen: seen.on("meeting"))
            broker.suspend()
            await bench.finalize(1)
            await bench.finalize(2)
            async with asyncio.timeout(10):
                while not any("no answer within 1 s" in notice.text for notice in bench.notices):
                    await asyncio.sleep(0.01)
            broker.resume()
            await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1, 2])


async def test_peer_that_never_acknowledges_keeps_finals_in_the_outbox() -> None:
    answering = set[asyncio.Task[None] | None]()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        answering.add(asyncio.current_task())
        await reader.read(1024)
        writer.write(bytes([0x20, 3, 0, 0, 0]))
        await reader.read()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with running(port, timeout_s=0.5) as bench:
        await bench.finalize(1)
        async with asyncio.timeout(10):
            while not bench.notices:
                await asyncio.sleep(0.01)

        assert bench.outbox.count() == 1
    server.close()
    # Or their connections would be found open in the midst of another test.
    await asyncio.gather(*(task for task in answering if task is not None))


async def test_a_broker_that_refuses_finals_is_told_of_once_and_asked_less_and_less(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/room/status", "write streamer/room/meeting", "read #")
    async with Mosquitto(tmp_path, *rules) as broker, running(broker.port, backoff_max_s=1.0) as bench:
        attempts = attempts_of(bench)
        await bench.finalize(1)
        async with asyncio.timeout(20):
            while len(attempts) < 3:
                await asyncio.sleep(0.01)

        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        text = f"MQTT: finals are kept and sent later, {shown} does not take them (Not authorized)"
        assert told(bench) == [("warning", text)]
        assert bench.publisher._connections._backoff == 1.0
        assert bench.outbox.count() == 1


async def test_a_defect_in_what_is_sent_costs_a_connection_and_not_the_meeting(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await seen.until(lambda seen: seen.on("meeting"))
        fail_once(bench, ValueError("Publish topic cannot contain wildcards."))
        await bench.finalize(1)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])

    shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
    reason = "Publish topic cannot contain wildcards."
    assert told(bench)[0] == ("warning", f"MQTT: finals are kept and sent later, no link to {shown} ({reason})")
    assert [one.getMessage() for one in caplog.records if one.exc_info] == [f"MQTT link to {shown} failed"]


def fail_once(bench: Bench, defect: Exception) -> None:
    """Have the next delivery fail in a way that nobody expects."""
    send = bench.publisher._delivery.send_some

    async def fail(_: Link) -> int:
        bench.publisher._delivery.send_some = send  # type: ignore[method-assign]
        raise defect

    bench.publisher._delivery.send_some = fail  # type: ignore[method-assign]


async def test_who_is_ended_while_the_connection_breaks_does_not_wait_for_another(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connections = Bench(MqttSettings(url="mqtt://127.0.0.1/streamer")).publisher._connections
    monkeypatch.setattr(connections, "_connection", nullcontext)
    is_serving = asyncio.Event()

    async def breaks_meanwhile() -> None:
        is_serving.set()
        try:
            await asyncio.Event().wait()
        finally:
            raise aiomqtt.MqttError("gone")

    async def serve(_link: Link) -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(breaks_meanwhile())

    serving = asyncio.ensure_future(connections.serve(serve))
    await is_serving.wait()
    serving.cancel()
    ended, _ = await asyncio.wait([serving], timeout=0.2)
    serving.cancel()

    assert ended == {serving}
    assert serving.cancelled()


async def test_the_end_of_a_meeting_tries_a_broker_again_that_was_to_be_tried_later(tmp_path: Path) -> None:
    port = free_port()
    async with running(port, backoff_max_s=600.0) as bench:
        attempts = attempts_of(bench)
        await bench.finalize(1)
        async with asyncio.timeout(10):
            while not attempts:
                await asyncio.sleep(0.01)
            bench.publisher._connections._backoff = 600.0
            while len(attempts) < 2:
                await asyncio.sleep(0.01)
        async with Mosquitto(tmp_path, port=port):
            await bench.publisher.handle(MeetingEnded(0, START))
            async with asyncio.timeout(5):
                while not bench.publisher.has_told_end:
                    await asyncio.sleep(0.01)

    assert bench.outbox.count() == 0
