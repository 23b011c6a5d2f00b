"""Commands over a real broker."""

from __future__ import annotations

import asyncio
import json
import subprocess
from pathlib import Path

import aiomqtt
import pytest
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties

from streamer.sinks.mqtt.incoming import _reply_address
from tests.brokers import Mosquitto, subscribed, subscription_list
from tests.mqtt_edge import edge
from tests.sinks.mqtt.parts import running
from tests.sinks.mqtt.readings import last, numbers, told

pytestmark = pytest.mark.broker


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


@pytest.mark.parametrize(
    ("protocol", "reason"), [("5", "it does not pass on streamer/room/command: Not authorized"),
                             ("3.1.1", "it does not pass on streamer/room/command")]
)  # fmt: skip
async def test_a_broker_that_refuses_to_pass_commands_on_is_told_of(tmp_path: Path, protocol: str, reason: str) -> None:
    rules = subscription_list(tmp_path, "streamer/room/caption/final")
    async with (
        Mosquitto(tmp_path, *rules) as broker,
        subscribed(broker.port, "streamer/room/caption/final") as seen,
        running(broker.port, control=True, protocol=protocol) as bench,
    ):
        await bench.finalize(1)
        await seen.until(lambda seen: seen.messages)

    text = f"MQTT: no commands come from mqtt://127.0.0.1:{broker.port}/streamer ({reason})"
    assert told(bench) == [("warning", text)]


@pytest.mark.usefixtures("_connects_at_once")
async def test_an_edge_that_closes_the_connection_over_subscriptions_gets_every_final(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        subscribed(broker.port) as seen,
        edge(broker.port, lambda topic, _filter: topic == "$SUBSCRIBE") as front,
        running(front.port, control=True) as bench,
    ):
        await bench.finalize(1)
        await seen.until(lambda seen: numbers(seen.on("caption/final")) == [1])

    shown = f"mqtt://127.0.0.1:{front.port}/streamer"
    assert front.objected_to == ["$SUBSCRIBE"] * 10
    assert ("warning", f"MQTT: no commands come from {shown} (it closes the connection, or does not answer)") in told(
        bench
    )


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


async def test_an_answer_that_is_too_large_by_its_correlation_is_left_out_and_the_link_stays(tmp_path: Path) -> None:
    async with (
        Mosquitto(tmp_path, "max_packet_size 2000") as broker,
        subscribed(broker.port, "streamer/room/#") as seen,
        running(broker.port, control=True) as bench,
        aiomqtt.Client("127.0.0.1", broker.port, protocol=aiomqtt.ProtocolVersion.V5) as client,
    ):
        await seen.until(lambda seen: seen.on("meeting"))
        properties = Properties(PacketTypes.PUBLISH)  # type: ignore[no-untyped-call]
        properties.ResponseTopic, properties.CorrelationData = "me", bytes(1880)
        await client.publish("streamer/room/command", b'{"command": "pause"}', qos=1, properties=properties)
        async with asyncio.timeout(20):
            while not bench.notices:
                await asyncio.sleep(0.01)

    text = (
        f"MQTT: 1 message(s) left out that mqtt://127.0.0.1:{broker.port}/streamer does not take, at last a message on "
        "me (larger than its limit of 2000 bytes)"
    )
    assert [notice.text for notice in bench.notices] == [text]


def test_a_response_topic_that_is_a_filter_is_answered_on_the_rooms_own() -> None:
    """Mosquitto 2.0.11 passes such a request on, 2.0.21 refuses it."""
    asked = Properties(PacketTypes.PUBLISH)
    asked.ResponseTopic = "ask/#"
    request = aiomqtt.Message("streamer/room/command", b"", 1, False, 1, asked)

    assert _reply_address(request, "streamer/room/reply") == ("streamer/room/reply", None)
