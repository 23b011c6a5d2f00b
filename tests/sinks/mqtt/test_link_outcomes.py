"""What becomes of what is sent over a connection, and of its end."""

from __future__ import annotations

import asyncio
import gc
import socket
from pathlib import Path
from typing import Any

import aiomqtt
import pytest
from paho.mqtt.client import ConnectFlags, DisconnectFlags
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import parse_address
from streamer.sinks.mqtt.link import Link, connected
from tests.brokers import Mosquitto
from tests.mqtt_edge import edge

pytestmark = pytest.mark.broker


async def test_a_caption_does_not_wait_until_the_broker_has_confirmed_what_was_sent_before(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        link = Link(parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer"), MqttSettings())
        async with connected(link):
            assert link._client.socket().getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1


async def test_a_connection_lost_while_nobody_waits_for_it_is_no_error_of_the_loop(
    tmp_path: Path, reported: list[dict[str, Any]]
) -> None:
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        link = Link(parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer"), MqttSettings())
        async with connected(link):
            broker.kill()
            while not link.is_lost:
                await asyncio.sleep(0.01)
        del link
        gc.collect()

    assert reported == []


@pytest.mark.parametrize(("one_at_a_time", "closed_over"), [(True, ("streamer", b"2")), (False, None)])
async def test_a_closed_connection_ends_the_wait_for_a_receipt_and_tells_what_it_was_closed_over(
    tmp_path: Path, one_at_a_time: bool, closed_over: tuple[str, bytes] | None
) -> None:
    async with (
        Mosquitto(tmp_path) as broker,
        edge(broker.port, lambda _topic, payload: payload.endswith(b"2")) as front,
        asyncio.timeout(10),
    ):
        address = parse_address(f"mqtt://127.0.0.1:{front.port}/streamer")
        link = Link(address, MqttSettings(timeout_s=60), one_at_a_time=one_at_a_time)
        async with connected(link):
            sent = [asyncio.ensure_future(link.deliver("streamer", text, qos=1)) for text in (b"1", b"2", b"3")]
            outcomes = await asyncio.gather(*sent, return_exceptions=True)

    assert all(isinstance(outcome, aiomqtt.MqttError) for outcome in outcomes[1:])
    assert link.closed_over == closed_over


async def test_a_link_that_was_given_up_before_the_broker_answered_may_still_be_closed(
    reported: list[dict[str, Any]],
) -> None:
    """As when a meeting's end does not wait any longer: asyncio would log what is raised here, with a traceback."""
    link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings(url="mqtt://127.0.0.1/streamer"))
    link._connected.cancel()
    reason = ReasonCode(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
    link._client.on_disconnect(link._client, None, DisconnectFlags(False), reason, None)  # type: ignore[misc]

    await asyncio.sleep(0)

    assert not link.is_lost
    assert reported == []


async def test_a_refusal_that_comes_when_nobody_waits_for_it_is_no_error_of_the_loop(
    reported: list[dict[str, Any]],
) -> None:
    link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings(url="mqtt://127.0.0.1/streamer"))
    refusal = ReasonCode(PacketTypes.CONNACK, identifier=0x87)  # type: ignore[no-untyped-call]
    link._client.on_connect(link._client, None, ConnectFlags(False), refusal, None)  # type: ignore[misc]
    await asyncio.sleep(0)
    del link
    gc.collect()

    assert reported == []


async def test_an_answer_to_a_subscription_that_comes_with_the_connections_end_is_kept(
    reported: list[dict[str, Any]],
) -> None:
    link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings(url="mqtt://127.0.0.1/streamer"))
    answered, waited_for = asyncio.Future[Any](), asyncio.Future[Any]()
    answered.set_result([0])
    link._pending_subscribes |= {1: answered, 2: waited_for}
    link._disconnected.set_exception(aiomqtt.MqttError("gone"))
    await asyncio.sleep(0)

    assert answered.result() == [0]
    assert str(waited_for.exception()) == "Disconnected during subscribing"
    assert reported == []


async def test_a_connection_that_ends_after_its_beginning_was_given_up_is_no_error_of_the_loop(
    reported: list[dict[str, Any]],
) -> None:
    """As where a broker is slower than ``timeout_s``: aiomqtt puts another outcome in the place of the first."""
    link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings(url="mqtt://127.0.0.1/streamer"))
    link._connected = asyncio.Future()
    reason = ReasonCode(PacketTypes.DISCONNECT)  # type: ignore[no-untyped-call]
    link._client.on_disconnect(link._client, None, DisconnectFlags(False), reason, None)  # type: ignore[misc]
    await asyncio.sleep(0)
    del link
    gc.collect()

    assert reported == []


async def test_a_goodbye_that_is_given_up_is_no_error_of_the_loop(reported: list[dict[str, Any]]) -> None:
    link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings(url="mqtt://127.0.0.1/streamer"))
    link._disconnected.cancel()
    await asyncio.sleep(0)

    assert (link.closed_over, reported) == (None, [])


async def test_what_was_passed_on_counts_as_taken_once_something_later_was_confirmed(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        link = Link(parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer"), MqttSettings())
        async with connected(link):
            taken = [await link.pass_on("a", b"1"), await link.pass_on("b", b"1")]
            await link.deliver("c", b"1", qos=1)
            taken += [await link.pass_on("a", b"2"), await link.pass_on("a", b"3")]

    assert taken == [set(), set(), {"a", "b"}, set()]


@pytest.mark.parametrize("for_good", [True, False])
async def test_a_broker_forgets_whoever_leaves_for_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, for_good: bool
) -> None:
    found: list[bool] = []
    original = Link._on_connect

    def on_connect(link: Link, client: Any, userdata: Any, flags: ConnectFlags, *rest: Any) -> None:
        found.append(flags.session_present)
        original(link, client, userdata, flags, *rest)

    monkeypatch.setattr(Link, "_on_connect", on_connect)
    kept = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]
    kept.SessionExpiryInterval = 3600
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        for _ in range(2):
            address = parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer")
            link = Link(address, MqttSettings(), identifier="ann", clean_start=False, properties=kept)
            async with connected(link):
                await link.hear("a")
                if for_good:
                    await link.leave_for_good()

    assert found == [False, not for_good]
