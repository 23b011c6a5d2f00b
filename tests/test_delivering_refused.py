from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest

from streamer.announcing import CaptionAnnouncer
from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.delivering import Sent, send_waiting, tell_ended
from streamer.errors import SinkError
from streamer.settings import load_settings
from tests.brokers import Mosquitto, access_list, free_port, subscribed
from tests.deliveries import ended, revise, settings_for
from tests.meeting.material import STARTED, final


@pytest.mark.broker
async def test_hindsight_that_a_broker_does_not_allow_is_left_out_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    rules = access_list(tmp_path, "write streamer/room-1/caption/#", "write streamer/room-1/meeting", "read #")
    async with Mosquitto(tmp_path, *rules) as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (_, store):
            revise(store, settings, "开始，", "开始？")
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(2, left_out=2)
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
            assert await asyncio.to_thread(send_waiting, store, settings.mqtt) == Sent(3, left_out=1)
        await seen.until(lambda seen: bool(seen.on("meeting")))

    assert [json.loads(payload)["sequence"] for payload in seen.on("final")] == [1, 2, 3]


@pytest.mark.broker
async def test_a_final_that_is_refused_for_good_is_not_among_those_sent(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path, "max_packet_size 2000") as broker, subscribed(broker.port) as seen:
        settings = settings_for(broker.port)
        with ended(tmp_path / "data", settings) as (archive, store):
            announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id, 2)
            for said in (final(5, "长" * 1000, 3, 4), final(6, "结束。", 4, 5)):
                store.add(STARTED.meeting_id, [(said, announce(said))])
            record = store.record(STARTED.meeting_id)
            assert await asyncio.to_thread(tell_ended, archive, store, record, settings.mqtt) == Sent(3, parked=1)
        await seen.until(lambda seen: bool(seen.on("meeting")))

    assert [json.loads(payload)["sequence"] for payload in seen.on("final")] == [1, 2, 4]


@pytest.mark.broker
async def test_what_is_refused_for_good_is_not_said_to_be_sent_or_to_wait_on(tmp_path: Path) -> None:
    rules = access_list(tmp_path, "write streamer/other", "read #")
    async with Mosquitto(tmp_path, *rules, "max_packet_size 2000") as broker:
        settings = settings_for(broker.port)
        announce = CaptionAnnouncer(settings.mqtt, STARTED.room, STARTED.meeting_id)
        with contextlib.closing(open_meeting(settings, tmp_path / "data", STARTED, announce=announce)) as journal:
            journal.record(final(3, "长" * 1000, 1, 2))
            journal.record(final(4, "不让说。", 2, 3))
        with contextlib.closing(Archive(tmp_path / "data").open_store(settings)) as store:
            with pytest.raises(SinkError, match=r"Not authorized\): captions sent: 0 of 2, refused: 1, the others"):
                await asyncio.to_thread(send_waiting, store, settings.mqtt)


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
