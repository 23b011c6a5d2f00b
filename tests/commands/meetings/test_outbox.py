from __future__ import annotations

import asyncio
import contextlib
import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from streamer.cli import app
from streamer.commands.waiting_captions import waiting_elsewhere
from streamer.errors import SettingsError, SinkError
from streamer.settings import load_settings
from tests.brokers import Mosquitto, free_port, subscribed
from tests.commands.outboxes import TOPIC, fill
from tests.meeting.kept import begin, hold

pytestmark = pytest.mark.usefixtures("english")


def outbox(data_dir: Path, *arguments: str, answer: str | None = None) -> Result:
    command = ["meetings", "outbox", *arguments, "--data-dir", str(data_dir)]
    return CliRunner().invoke(app, command, input=answer, catch_exceptions=False)


def test_what_waits_is_listed_with_what_to_do(tmp_path: Path) -> None:
    shown = outbox(fill(tmp_path, "old:1883")).stdout

    assert "old:1883" in shown
    assert TOPIC in shown
    assert shown.splitlines()[-2:] == [
        f"To send: streamer meetings outbox --send mqtt://old:1883 --data-dir {tmp_path}",
        f"To drop: streamer meetings outbox --drop old:1883 --data-dir {tmp_path}",
    ]


@pytest.mark.parametrize(
    ("url", "broker", "told"),
    [
        ("mqtts://broker:8884/hall", "broker:8884", "mqtts://broker:8884"),
        ("mqtts://an%20n@broker/hall", "broker:8883", "mqtts://an%20n@broker:8883"),
        ("mqtts://[::1]:8884", "[::1]:8884", "mqtts://[::1]:8884"),
        ("mqtts://other:8884", "broker:8884", "mqtt://broker:8884"),
    ],
)
def test_the_address_offered_is_that_of_the_meeting(tmp_path: Path, url: str, broker: str, told: str) -> None:
    meeting_id = hold(tmp_path, settings=load_settings(overrides={"mqtt": {"url": url}}))

    shown = outbox(fill(tmp_path, broker, meeting_id=meeting_id)).stdout

    assert shown.splitlines()[-2] == f"To send: streamer meetings outbox --send {told} --data-dir {tmp_path}"


def test_the_address_offered_is_the_configured_one_where_the_meeting_was_deleted(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text('[mqtt]\nurl = "mqtts://ann@broker:8884/hall"\n', encoding="utf-8")

    shown = outbox(fill(tmp_path / "data", "broker:8884"), "--config", str(config)).stdout

    offered = f"streamer meetings outbox --send mqtts://ann@broker:8884 --data-dir {tmp_path}/data --config {config}"
    assert shown.splitlines()[-2] == f"To send: {offered}"


def test_what_waits_for_programs(tmp_path: Path) -> None:
    (queue,) = json.loads(outbox(fill(tmp_path, "old:1883"), "--json").stdout)

    assert (queue["broker"], queue["topic"], queue["waiting"], queue["parked"]) == ("old:1883", TOPIC, 2, 0)


def test_nothing_waits(tmp_path: Path) -> None:
    assert outbox(tmp_path).stdout == "No captions wait for a broker.\n"


def test_dropping_asks(tmp_path: Path) -> None:
    fill(tmp_path, "old:1883")

    assert outbox(tmp_path, "--drop", "old:1883", answer="n\n").exit_code == 1
    assert outbox(tmp_path, "--drop", "mqtt://ann@old", answer="y\n").stdout.endswith("Captions dropped: 2.\n")
    assert outbox(tmp_path).stdout == "No captions wait for a broker.\n"


def test_a_broker_that_nothing_waits_for_is_an_error(tmp_path: Path) -> None:
    fill(tmp_path, "old:1883")
    with pytest.raises(SettingsError, match="nothing waits for 'odl:1883'; captions wait for: old:1883"):
        outbox(tmp_path, "--drop", "odl:1883")


@pytest.mark.broker
async def test_what_waits_can_be_sent_without_a_meeting(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker, subscribed(broker.port, TOPIC) as seen:
        fill(tmp_path / "data", f"127.0.0.1:{broker.port}")
        fill(tmp_path / "data", "other:1883", 1)
        url = f"mqtt://127.0.0.1:{broker.port}"
        sent = await asyncio.to_thread(outbox, tmp_path / "data", "--send", url)
        await seen.until(lambda seen: len(seen.on("final")) == 2)

    assert sent.stdout == f"Captions sent to 127.0.0.1:{broker.port}: 2.\n"
    assert [one["broker"] for one in json.loads(outbox(tmp_path / "data", "--json").stdout)] == ["other:1883"]


@pytest.mark.broker
async def test_sending_tells_what_waits_for_other_brokers(tmp_path: Path) -> None:
    async with Mosquitto(tmp_path) as broker:
        fill(tmp_path / "data", "other:1883")
        sent = await asyncio.to_thread(outbox, tmp_path / "data", "--send", f"mqtt://127.0.0.1:{broker.port}")

    assert sent.stdout == f"Captions sent to 127.0.0.1:{broker.port}: 0.\n"
    assert sent.stderr == (
        "Captions that still wait for the broker other:1883: 2; `streamer meetings outbox --data-dir "
        f"{tmp_path}/data` sends or drops them.\n"
    )


@pytest.mark.broker
async def test_a_caption_that_the_broker_refuses_is_not_counted_as_sent_and_the_exit_code_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with Mosquitto(tmp_path, "max_packet_size 500") as broker:
        url = f"mqtt://127.0.0.1:{broker.port}"
        fill(tmp_path / "data", f"127.0.0.1:{broker.port}", texts=("长" * 500, "短。"))
        sent = await asyncio.to_thread(outbox, tmp_path / "data", "--send", url)
        fill(tmp_path / "data", f"127.0.0.1:{broker.port}", texts=("长" * 500,))
        told = await asyncio.to_thread(outbox, tmp_path / "data", "--send", url, "--json")

    assert (sent.exit_code, sent.stdout) == (5, f"Captions sent to 127.0.0.1:{broker.port}: 1.\n")
    assert caplog.messages[0].startswith("MQTT: 1 final(s) set aside that ")
    assert json.loads(told.stdout) == {"broker": f"127.0.0.1:{broker.port}", "sent": 0, "refused": 1}


def test_a_broker_that_is_away_keeps_what_waits(tmp_path: Path) -> None:
    port = free_port()
    fill(tmp_path, f"127.0.0.1:{port}")
    with pytest.raises(SinkError, match="captions sent: 0 of 2, the others wait on"):
        outbox(tmp_path, "--send", f"mqtt://127.0.0.1:{port}")


def test_a_run_is_told_of_captions_that_wait_for_another_broker(tmp_path: Path) -> None:
    fill(tmp_path, "old:1883", 3)
    new, old = (load_settings(overrides={"mqtt": {"url": f"mqtt://ann@{host}/base"}}) for host in ("new", "old"))

    command = f"streamer meetings outbox --data-dir {tmp_path}"
    assert waiting_elsewhere(new, tmp_path) == [
        f"Captions that still wait for the broker old:1883: 3; `{command}` sends or drops them."
    ]
    assert waiting_elsewhere(old, tmp_path) == []


def test_a_run_is_told_of_captions_of_rooms_that_it_does_not_serve(tmp_path: Path) -> None:
    """The broker is the same: nobody publishes to their topics, and they would wait for ever."""
    fill(tmp_path, "hall:1883", 3)
    settings = load_settings(overrides={"mqtt": {"url": "mqtt://ann@hall/streamer"}})

    command = f"streamer meetings outbox --data-dir {tmp_path}"
    told = f"Captions that still wait for the broker hall:1883/streamer/room: 3; `{command}` sends or drops them."
    assert waiting_elsewhere(settings, tmp_path, ["other"]) == [told]
    assert waiting_elsewhere(settings, tmp_path, ["other", "room"]) == []


def test_not_of_those_of_a_room_whose_meeting_runs_elsewhere(tmp_path: Path) -> None:
    settings = load_settings(overrides={"mqtt": {"url": "mqtt://hall/streamer"}})
    with contextlib.closing(begin(tmp_path, room="room")):
        fill(tmp_path, "hall:1883")

        assert waiting_elsewhere(settings, tmp_path, ["other"]) == []
    assert len(waiting_elsewhere(settings, tmp_path, ["other"])) == 1
