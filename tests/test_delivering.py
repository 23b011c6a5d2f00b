"""What a broker is told of a meeting that was recovered."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiomqtt
import pytest

from streamer.announcing import CaptionAnnouncer
from streamer.archive import Archive
from streamer.delivering import send_waiting, tell_ended
from streamer.errors import SinkError
from streamer.interfaces import Journal
from streamer.journals import open_meeting
from streamer.meeting.edits import edit_line
from streamer.meeting.outbox import StoreOutbox
from streamer.meeting.store import MeetingStore
from streamer.settings import Settings, load_settings
from streamer.types import SAMPLE_RATE, MeetingEnded, SegmentRevised
from tests.brokers import Mosquitto, access_list, check_published, free_port, subscribed
from tests.meeting.material import START, STARTED, final

ENDED = MeetingEnded(7 * SAMPLE_RATE, START + timedelta(seconds=7))
RUNNING = b'{"meeting":"20261120T063000Z-3f9a","state":"running"}'
NEXT = replace(STARTED, meeting_id="20261120T070000Z-12ab", started_at=START + timedelta(minutes=30))


def settings_for(port: int, **mqtt: object) -> Settings:
    return load_settings(overrides={"mqtt": {"url": f"mqtt://127.0.0.1:{port}/streamer", "timeout_s": 5, **mqtt}})


def hold(data_dir: Path, settings: Settings, *, started: object = STARTED) -> Journal:
    """A meeting with two finals that wait, the second without text; its journal is open."""
    assert isinstance(started, type(STARTED))
    announce = CaptionAnnouncer(settings.mqtt, started.room, started.meeting_id)
    journal = open_meeting(settings, data_dir, started, announce=announce)
    journal.record(final(3, "开始。", 1, 2))
    journal.record(final(4, "", 2, 3))
    return journal


@contextlib.contextmanager
def ended(data_dir: Path, settings: Settings) -> Iterator[tuple[Archive, MeetingStore]]:
    """A data folder with a meeting that has ended, as recovery leaves it."""
    hold(data_dir, settings).close()
    archive = Archive(data_dir)
    with contextlib.closing(archive.open_store(settings)) as store:
        store.add(STARTED.meeting_id, [(ENDED, ())])
        yield archive, store


@pytest.mark.broker
async def test_what_waits_is_sent_and_then_the_retained_state_tells_the_end(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker:
        settings = settings_for(broker.port)
        async with aiomqtt.Client("127.0.0.1", broker.port) as dead:
            await dead.publish("streamer/room-1/meeting", RUNNING, qos=1, retain=True)
        async with subscribed(broker.port) as seen:
            with ended(tmp_path / "data", settings) as (archive, store):
                record = store.record(STARTED.meeting_id)
                assert await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt) == 2
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
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == 2
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == 0
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
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == 1
        await seen.until(lambda seen: len(seen.messages) == 2)

    assert [topic for topic, *_ in seen.messages] == ["streamer/room-1/revised", "streamer/room-1/meeting"]
    told = json.loads(seen.on("meeting")[0])
    assert (told["state"], told["finals"], told["last"]["text"]) == ("ended", 2, "开始，")


def revise(store: MeetingStore, settings: Settings, *texts: str) -> None:
    """Give the first final other texts in hindsight, one after another."""
    announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id, 2)
    for revision, text in enumerate(texts, 4):
        revised = SegmentRevised(replace(final(3, text, 1, 2).segment, revision=revision, tokens=()))
        store.add(STARTED.meeting_id, [(revised, announce(revised))])


@pytest.mark.broker
async def test_hindsight_that_a_broker_does_not_allow_is_left_out_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = access_list(tmp_path, "write streamer/room-1/caption/#", "write streamer/room-1/meeting", "read #")
    async with Mosquitto(tmp_path, *rules) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            revise(store, settings, "开始，", "开始？")
            await asyncio.to_thread(send_waiting, store, settings.mqtt)
        await seen.until(lambda seen: len(seen.messages) == 3)

    shown = f"mqtt://127.0.0.1:{broker.port}/streamer"
    assert [topic for topic, *_ in seen.messages] == ["streamer/room-1/caption/final"] * 2 + ["streamer/room-1/meeting"]
    assert [record.getMessage() for record in caplog.records if record.name == "streamer.delivering"] == [
        f"MQTT: {shown} does not take messages on streamer/room-1/revised (Not authorized)"
    ]


@pytest.mark.broker
async def test_finals_get_past_hindsight_over_which_a_broker_closes_the_connection(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, "max_packet_size 2000") as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port, protocol="3.1.1")
        with ended(tmp_path / "data", settings) as (_, store):
            revise(store, settings, "长" * 1000)
            announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id, 2)
            last = final(5, "结束。", 3, 4)
            store.add(STARTED.meeting_id, [(last, announce(last))])
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == 4
        await seen.until(lambda seen: bool(seen.on("meeting")))

    assert [json.loads(payload)["sequence"] for payload in seen.on("final")] == [1, 2, 3]


@pytest.mark.broker
async def test_a_broker_that_closes_the_connection_over_every_final_is_given_up(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, "max_packet_size 200") as broker:
        settings = settings_for(broker.port, protocol="3.1.1")
        with (
            ended(tmp_path / "data", settings) as (_, store),
            pytest.raises(
                SinkError, match=r"did not take everything \(the connection was lost\): captions sent: 0 of 2"
            ),
        ):
            await asyncio.to_thread(send_waiting, store, settings.mqtt)


@pytest.mark.broker
async def test_a_meeting_that_has_not_ended_is_not_called_so(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            hold(tmp_path / "data", settings, started=NEXT).close()
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == 4
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
            assert await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt) == 4
        await seen.until(lambda seen: len(seen.messages) == 5)

    assert [json.loads(payload)["meeting"] for payload in seen.on("meeting")] == [NEXT.meeting_id]


def test_a_running_meeting_sees_to_its_room_itself(tmp_path: Path) -> None:
    settings = settings_for(free_port())
    with ended(tmp_path / "data", settings) as (archive, store):
        journal = hold(tmp_path / "data", settings, started=NEXT)
        assert tell_ended(archive, store, store.record(STARTED.meeting_id), settings.mqtt) is None
        journal.close()


def test_a_broker_that_is_away_is_named(tmp_path: Path) -> None:
    port = free_port()
    settings = settings_for(port)
    with (
        ended(tmp_path / "data", settings) as (archive, store),
        pytest.raises(SinkError, match=rf"127.0.0.1:{port} did not take everything .*: captions sent: 0 of 2"),
    ):
        tell_ended(archive, store, store.record(STARTED.meeting_id), settings.mqtt)


def test_a_kept_address_whose_host_can_be_none_is_told_as_such_when_the_meeting_is_recovered(tmp_path: Path) -> None:
    settings = load_settings(overrides={"mqtt": {"url": "mqtt://bro..ker/streamer"}})
    with ended(tmp_path, settings) as (archive, store), pytest.raises(SinkError) as refused:
        tell_ended(archive, store, store.record(STARTED.meeting_id), settings.mqtt)

    assert str(refused.value) == (
        "bro..ker:1883 did not take everything (there is no host of this name; correct it, or look at the network): "
        "captions sent: 0 of 2, the others wait on"
    )
