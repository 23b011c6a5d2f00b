"""A connection that breaks in the moment in which something is sent over it, and one that never comes about."""

from __future__ import annotations

import asyncio
import socket
import threading
from pathlib import Path
from typing import Any

import pytest

from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import parse_address
from streamer.sinks.mqtt.link import Link, connected
from tests.brokers import Mosquitto

pytestmark = pytest.mark.broker


def break_while_sending(link: Link, broker: Mosquitto) -> None:
    """In one round of the event loop, something is sent and the other side's end is read."""
    broker.kill()
    link._client.publish("streamer", b"1", qos=1)
    while link._client.socket() is not None:
        link._client.loop_read()


async def test_it_is_no_error_of_the_loop(tmp_path: Path, reported: list[dict[str, Any]]) -> None:
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        link = Link(parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer"), MqttSettings())
        async with connected(link):
            break_while_sending(link, broker)
            await asyncio.sleep(0)

    assert reported == []


async def test_whoever_gets_the_number_of_its_socket_is_not_watched_in_its_place(tmp_path: Path) -> None:
    loop = asyncio.get_running_loop()
    async with Mosquitto(tmp_path) as broker, asyncio.timeout(10):
        link = Link(parse_address(f"mqtt://127.0.0.1:{broker.port}/streamer"), MqttSettings())
        async with connected(link):
            number = link._client.socket().fileno()
            break_while_sending(link, broker)
            with socket.socket() as other:
                assert other.fileno() == number
                await asyncio.sleep(0)
                assert not loop.remove_writer(number)


def test_the_end_does_not_wait_for_a_connection_that_was_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """As where packets to the broker are dropped, or nobody answers who knows its name."""
    has_begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def connect(*_: object) -> None:
        has_begun.set()
        may_end.wait(20)
        ended.set()

    async def give_up() -> None:
        link = Link(parse_address("mqtt://127.0.0.1/streamer"), MqttSettings())
        connecting = asyncio.ensure_future(link.__aenter__())
        await asyncio.to_thread(has_begun.wait, 20)
        connecting.cancel()

    monkeypatch.setattr("paho.mqtt.client.Client.connect", connect)
    asyncio.run(give_up())
    has_ended = ended.is_set()
    may_end.set()

    assert (has_ended, ended.wait(20)) == (False, True)
