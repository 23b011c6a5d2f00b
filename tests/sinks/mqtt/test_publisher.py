"""The publisher against real brokers."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from streamer.errors import StoreError
from streamer.settings.mqtt import MqttSettings
from streamer.types import (
    MarkAdded,
    MeetingEnded,
    MeetingPaused,
    Notice,
    SegmentUpdated,
    Severity,
    StatusUpdated,
    TitleChanged,
)
from tests.brokers import Collector, Mosquitto, amqtt_broker, free_port, kept_subscription, subscribed
from tests.sinks.mqtt.parts import START, STARTED, Bench, MemoryOutbox, Message, running, segment

pytestmark = pytest.mark.broker


def last(messages: list[bytes]) -> dict[str, Any]:
    decoded = json.loads(messages[-1])
    assert isinstance(decoded, dict)
    return decoded


def numbers(messages: list[bytes]) -> list[int]:
    """Segment ids in the order of arrival, repeats dropped as a receiver would."""
    return list(dict.fromkeys(json.loads(message)["segment"] for message in messages))


@pytest.fixture(params=["5", "3.1.1"])
def protocol(request: pytest.FixtureRequest) -> str:
    return str(request.param)


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


async def test_amqtt_passes_finals_on() -> None:
    async with amqtt_broker() as port, subscribed(port) as seen, running(port, protocol="3.1.1") as bench:
        await bench.finalize(1)

        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])


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


def told(bench: Bench) -> list[tuple[str, str]]:
    return [(notice.severity, notice.text) for notice in bench.notices]


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


async def test_a_broker_that_was_away_is_told_of_once_and_its_return_once(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker:
        shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
        async with subscribed(broker.port) as seen, running(broker.port, backoff_max_s=1.0) as bench:
            await seen.until(lambda seen: seen.on("meeting"))
            broker.kill()
            attempts = attempts_of(bench)
            async with asyncio.timeout(20):
                while len(attempts) < 3:
                    await asyncio.sleep(0.01)
                await broker.start()
                while len(bench.notices) < 2:
                    await asyncio.sleep(0.01)

    assert told(bench) == [
        ("warning", f"MQTT: finals are kept and sent later, no link to {shown} (the connection was lost)"),
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


class LockedOutbox(MemoryOutbox):
    def count(self) -> int:
        raise StoreError("the store is locked")


@pytest.mark.parametrize(
    ("outbox", "finals", "logged"),
    [
        (MemoryOutbox(), 1, "1 captions wait for mqtt://127.0.0.1:{port}/streamer; the next run sends them"),
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
    port = free_port()
    bench = Bench(MqttSettings(url=f"mqtt://127.0.0.1:{port}/streamer", drain_s=0.0), outbox)
    for number in range(finals):
        await bench.finalize(number)
    await bench.publisher.handle(MeetingEnded(32_000, START))
    await bench.publisher.run()
    bench.close()

    assert caplog.messages[-1:] == [logged.format(port=port)]


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
    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1024)
        writer.write(bytes([0x20, 3, 0, 0, 0]))
        await reader.read()
        writer.close()

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with running(port, timeout_s=0.5) as bench:
        await bench.finalize(1)
        async with asyncio.timeout(10):
            while not bench.notices:
                await asyncio.sleep(0.01)

        assert bench.outbox.count() == 1
    server.close()


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


def access_list(tmp_path: Path, *rights: str) -> tuple[str, str]:
    """Lines of a broker's configuration under which everybody may read, and write only that."""
    rules = tmp_path / "rules.acl"
    rules.write_text("".join(f"topic {right}\n" for right in rights))
    return ("allow_anonymous true", f"acl_file {rules}")


async def test_a_room_that_may_not_read_its_status_tells_it_with_its_metrics(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/#", "read streamer/room/metrics", "read streamer/room/caption/#")
    async with (
        Mosquitto(tmp_path, *rules) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, metrics_interval_s=1.0) as bench,
    ):
        told_of = []
        tell = bench.publisher._tell_presence
        bench.publisher._tell_presence = lambda link: (told_of.append(link), tell(link))[1]  # type: ignore[method-assign]
        await bench.publisher.handle(StatusUpdated(32000, -30.0, 0.5, True, 2))
        await seen.until(lambda seen: seen.on("metrics"))

        assert told_of


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
        assert bench.publisher._backoff == 1.0
        assert bench.outbox.count() == 1


async def test_another_meeting_in_the_room_is_warned_of() -> None:
    bench = Bench(
        MqttSettings(url=f"mqtt://127.0.0.1:{free_port()}/streamer", drain_s=0.0), rival="20261120T140000Z-12ab"
    )
    await bench.publisher.handle(MeetingEnded(32_000, START))
    await bench.publisher.run()
    bench.close()

    expected = "MQTT: another meeting is held in room room, 20261120T140000Z-12ab: --room NAME parts them"
    assert bench.notices[0] == Notice("mqtt.rival", Severity.WARNING, expected)


async def test_command_is_carried_out_and_answered(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        running(broker.port, control=True) as bench,
        aiomqtt.Client("127.0.0.1", broker.port) as client,
    ):
        await seen.until(lambda seen: seen.on("meeting"))
        request = json.dumps({"id": "a1", "command": "mark", "argument": "决定"})
        for _ in range(2):
            await client.publish("streamer/room/command", request, qos=1)
        await seen.until(lambda seen: len(seen.on("reply")) == 2)

        assert bench.control.calls == [("mark", "决定")]
        assert last(seen.on("reply")) == {"room": "room", "id": "a1", "ok": True, "error": None, "v": 1}


async def test_retained_command_is_ignored(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            request = json.dumps({"id": "a1", "command": "stop"})
            await client.publish("streamer/room/command", request, qos=1, retain=True)
        async with running(broker.port, control=True) as bench:
            await seen.until(lambda seen: seen.on("meeting"))
            async with aiomqtt.Client("127.0.0.1", broker.port) as client:
                await client.publish("streamer/room/command", b'{"id": "b", "command": "pause"}', qos=1)
            await seen.until(lambda seen: seen.on("reply"))

            assert bench.control.calls == [("pause",)]


async def test_commands_are_off_by_default(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen, running(broker.port) as bench:
        await seen.until(lambda seen: seen.on("meeting"))
        async with aiomqtt.Client("127.0.0.1", broker.port) as client:
            await client.publish("streamer/room/command", b'{"id": "b", "command": "stop"}', qos=1)
        await bench.finalize(1)
        await seen.until(lambda seen: seen.on("caption/final"))

        assert (bench.control.calls, seen.on("reply")) == ([], [])


async def test_answer_goes_to_the_response_topic_with_its_correlation(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port, "ask/me") as seen:
        async with running(broker.port, control=True):
            async with subscribed(broker.port) as all_topics:
                await all_topics.until(lambda seen: seen.on("meeting"))
            command = ["mosquitto_rr", "-p", str(broker.port), "-V", "5", "-t", "streamer/room/command", "-e", "ask/me",
                       "-m", '{"id":"r1","command":"resume"}', "-W", "10"]  # fmt: skip
            answer = await asyncio.to_thread(subprocess.run, command, capture_output=True, timeout=15, check=True)

        assert json.loads(answer.stdout)["ok"] is True
        await seen.until(lambda seen: seen.messages)
        assert json.loads(seen.on("ask/me")[0])["id"] == "r1"


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


async def test_home_assistant_is_told_of_both_entities(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port, "homeassistant/#") as seen,
        running(broker.port, homeassistant=True),
    ):
        await seen.until(lambda seen: len(seen.messages) == 2)
        topics = [topic.split("/")[1] for topic, _, _ in seen.messages]
        caption = json.loads(seen.messages[0][1])

        assert topics == ["sensor", "binary_sensor"]
        assert caption["state_topic"] == "streamer/room/caption/final"
