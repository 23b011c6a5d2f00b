"""What a broker is told of a meeting that was recovered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from streamer.delivering import Sent, send_waiting, tell_ended
from streamer.meeting.edits import edit_line
from streamer.meeting.outbox import StoreOutbox
from streamer.meeting.store import MeetingStore
from tests.brokers import Mosquitto, check_published, free_port, subscribed
from tests.deliveries import ENDED, NEXT, ended, hold, revise, settings_for
from tests.meeting.material import START, STARTED

RUNNING = b'{"meeting":"20261120T063000Z-3f9a","state":"running"}'


@pytest.mark.broker
async def test_what_waits_is_sent_and_then_the_retained_state_tells_the_end(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker:
        settings = settings_for(broker.port)
        async with aiomqtt.Client("127.0.0.1", broker.port) as dead:
            await dead.publish("streamer/room-1/meeting", RUNNING, qos=1, retain=True)
        async with subscribed(broker.port) as seen:
            with ended(tmp_path / "data", settings) as (archive, store):
                record = store.record(STARTED.meeting_id)
                assert await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt) == Sent(2)
            await seen.until(lambda seen: len(seen.messages) == 4)
        async with subscribed(broker.port) as late:
            await late.until(lambda late: late.messages)
    topics = [topic for topic, *_ in seen.messages[1:]]
    ((topic, payload, is_retained),) = late.messages
    check_published(topic, payload)

    assert topics == ["streamer/room-1/caption/final"] * 2 + ["streamer/room-1/meeting"]
    assert is_retained
    assert json.loads(payload) == {
        "room": "room-1",
        "meeting": STARTED.meeting_id,
        "title": "周会",
        "state": "ended",
        "started_at": "2026-11-20T06:30:00Z",
        "pack": "zh 1",
        "last": {"segment": 3, "revision": 3, "text": "开始。", "started_at": "2026-11-20T06:30:01Z"},
        "since": "2026-11-20T06:30:07Z",
        "position": 7.0,
        "finals": 2,
        "v": 1,
    }


async def told(tmp_path: Path, change: Callable[[MeetingStore], None]) -> dict[str, Any]:
    """What the topic ``meeting`` says once the end was told of a meeting that was changed before."""
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (archive, store):
            change(store)
            record = store.record(STARTED.meeting_id)
            await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt)
        await seen.until(lambda seen: seen.on("meeting"))
    state: dict[str, Any] = json.loads(seen.on("meeting")[0])
    return state


@pytest.mark.broker
async def test_of_a_long_title_the_beginning_is_told(tmp_path: Path) -> None:
    state = await told(tmp_path, lambda store: store.set_title(STARTED.meeting_id, "长" * 300))

    assert state["title"] == "长" * 200


@pytest.mark.broker
async def test_what_a_person_corrected_is_not_told(tmp_path: Path) -> None:
    def correct(store: MeetingStore) -> None:
        edit_line(store.database, STARTED.meeting_id, 3, "改过。", START)

    state = await told(tmp_path, correct)

    assert (state["last"]["segment"], state["last"]["text"]) == (3, "开始。")


@pytest.mark.broker
async def test_what_is_sent_after_a_broker_was_away_includes_the_end(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(2)
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(0)
        await seen.until(lambda seen: len(seen.messages) == 3)

    assert [topic for topic, *_ in seen.messages] == ["streamer/room-1/caption/final"] * 2 + ["streamer/room-1/meeting"]
    assert json.loads(seen.on("meeting")[0])["state"] == "ended"


@pytest.mark.broker
async def test_hindsight_that_waits_alone_is_sent_and_the_end_told_once(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            for message in StoreOutbox(store.database, f"127.0.0.1:{broker.port}").waiting(100):
                StoreOutbox(store.database, "").confirm(message.id)
            revise(store, settings, "开始，")
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(1)
        await seen.until(lambda seen: len(seen.messages) == 2)

    assert [topic for topic, *_ in seen.messages] == ["streamer/room-1/revised", "streamer/room-1/meeting"]
    told = json.loads(seen.on("meeting")[0])
    assert (told["state"], told["finals"], told["last"]["text"]) == ("ended", 2, "开始，")


@pytest.mark.broker
async def test_a_meeting_that_has_not_ended_is_not_called_so(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            hold(tmp_path / "data", settings, started=NEXT).close()
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(4)
        await seen.until(lambda seen: len(seen.messages) == 4)

    assert {topic for topic, *_ in seen.messages} == {"streamer/room-1/caption/final"}


@pytest.mark.broker
async def test_the_state_is_that_of_the_newest_meeting_in_the_room(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (archive, store):
            hold(tmp_path / "data", settings, started=NEXT).close()
            store.add(NEXT.meeting_id, [(ENDED, ())])
            record = store.record(STARTED.meeting_id)
            assert await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt) == Sent(4)
        await seen.until(lambda seen: len(seen.messages) == 5)

    assert [json.loads(payload)["meeting"] for payload in seen.on("meeting")] == [NEXT.meeting_id]


def test_a_running_meeting_sees_to_its_room_itself(tmp_path: Path) -> None:
    settings = settings_for(free_port())
    with ended(tmp_path / "data", settings) as (archive, store):
        journal = hold(tmp_path / "data", settings, started=NEXT)
        assert tell_ended(archive, store, store.record(STARTED.meeting_id), settings.mqtt) is None
        journal.close()
