"""A watcher whose link breaks, and one whose room's does."""

from __future__ import annotations

import asyncio
import subprocess
from pathlib import Path
from types import SimpleNamespace

import pytest

from streamer.errors import SettingsError
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.subscriber import RoomWatcher
from streamer.types import MeetingEvent, Notice, SegmentFinalized, Severity, StatusUpdated
from tests.brokers import Mosquitto, free_port, subscribed
from tests.sinks.mqtt.parts import Bench, running
from tests.sinks.mqtt.watching import begun, collect, shown, texts


@pytest.mark.broker
async def test_watcher_survives_a_broker_restart_and_drops_repeats(tmp_path: Path) -> None:
    seen: list[tuple[str, MeetingEvent]] = []
    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench:
        watcher = RoomWatcher(MqttSettings(url=f"mqtt://127.0.0.1:{broker.port}/streamer/+"))
        task = asyncio.ensure_future(collect(watcher, seen))
        async with asyncio.timeout(20):
            await begun(seen)
            await bench.finalize(1, "一。")
            while texts(seen) != ["一。"]:
                await asyncio.sleep(0.01)
            broker.kill()
            await broker.start()
            started = len(seen)
            while not any(event.__class__.__name__ == "Notice" for _, event in seen[started:]):
                await asyncio.sleep(0.01)
            await bench.finalize(2, "二。")
            await shown(seen, "二。")
        task.cancel()

    assert texts(seen) == ["一。", "二。"]
    assert {room for room, event in seen if isinstance(event, SegmentFinalized)} == {"room"}


async def test_a_certificate_that_goes_while_a_watcher_watches_is_waited_for(tmp_path: Path) -> None:
    authority = tmp_path / "ca.pem"
    settings = MqttSettings(url="mqtts://127.0.0.1/streamer/room", ca_file=str(authority))
    with pytest.raises(SettingsError, match="ca_file"):
        RoomWatcher(settings)
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "ca.pem",
               "-subj", "/CN=ca", "-days", "2"]  # fmt: skip
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    events = RoomWatcher(settings).events()
    authority.unlink()

    missing = (
        f"mqtt.ca_file {str(authority)!r}, mqtt.cert_file '' or mqtt.key_file: [Errno 2] No such file or directory"
    )
    told = Notice("mqtt.link", Severity.WARNING, f"MQTT: no link to mqtts://127.0.0.1:8883/streamer ({missing})")
    assert await anext(events) == ("", told)
    await events.aclose()


@pytest.mark.broker
async def test_a_lost_link_is_told_once_and_its_return_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, MeetingEvent]] = []
    failed: list[float] = []

    def at_once(_: float, longest: float) -> float:
        failed.append(longest)
        return 0.0

    monkeypatch.setattr("streamer.sinks.mqtt.subscriber.random", SimpleNamespace(uniform=at_once))

    def told() -> list[tuple[Severity, str]]:
        return [(event.severity, event.text) for room, event in seen if isinstance(event, Notice) and not room]

    port = free_port()
    settings = MqttSettings(url=f"mqtt://127.0.0.1:{port}/streamer/room")
    task = asyncio.ensure_future(collect(RoomWatcher(settings), seen))
    async with asyncio.timeout(20):
        while len(failed) < 3:
            await asyncio.sleep(0.01)
        async with Mosquitto(tmp_path, port=port):
            while not told() or told()[-1][1]:
                await asyncio.sleep(0.01)
    task.cancel()

    (lost, back, over) = told()[:3]
    assert lost[0] is Severity.WARNING
    assert lost[1].startswith(f"MQTT: no link to mqtt://127.0.0.1:{port}/streamer (")
    assert back == (Severity.INFO, f"MQTT: the link to mqtt://127.0.0.1:{port}/streamer is back")
    assert over == (Severity.INFO, "")


class Cable:
    """A connection to a broker that can be cut for a while."""

    def __init__(self, port: int) -> None:
        self.port = free_port()
        self._broker = port
        self._writers: list[asyncio.StreamWriter] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._server: asyncio.Server | None = None

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._connect, "127.0.0.1", self.port)

    async def cut(self) -> None:
        if self._server is not None:
            self._server.close()
        for writer in self._writers:
            writer.transport.abort()
        if self._server is not None:
            await self._server.wait_closed()
        await asyncio.gather(*self._tasks)
        self._writers.clear()
        self._tasks.clear()

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.append(task)
        there, back = await asyncio.open_connection("127.0.0.1", self._broker)
        self._writers += [writer, back]
        await asyncio.gather(self._pass(reader, back), self._pass(there, writer), return_exceptions=True)

    async def _pass(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while received := await source.read(65_536):
            target.write(received)
        target.transport.abort()


async def cut_off_after_the_first_of_three(bench: Bench, cable: Cable, seen: list[tuple[str, MeetingEvent]]) -> None:
    """Three finals; the watcher's cable is cut once it has shown the first."""
    await begun(seen)
    await bench.finalize(1, "一。")
    await shown(seen, "一。")
    await cable.cut()
    for number, text in ((2, "二。"), (3, "三。")):
        await bench.finalize(number, text)


@pytest.mark.broker
@pytest.mark.parametrize(
    ("seconds", "expected"), [(60, ["一。", "二。", "三。", "四。"]), (0, ["一。", "三。", "四。"])]
)
async def test_finals_of_the_time_without_a_link_are_kept(tmp_path: Path, seconds: int, expected: list[str]) -> None:
    seen: list[tuple[str, MeetingEvent]] = []

    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench, subscribed(broker.port) as others:
        cable = Cable(broker.port)
        await cable.plug_in()
        url = f"mqtt://127.0.0.1:{cable.port}/streamer/room"
        task = asyncio.ensure_future(collect(RoomWatcher(MqttSettings(url=url, watch_session_s=seconds)), seen))
        async with asyncio.timeout(30):
            await cut_off_after_the_first_of_three(bench, cable, seen)
            # The retained state carries the newest one in any case.
            await others.until(lambda others: any("三。" in message.decode() for message in others.on("meeting")))
            await cable.plug_in()
            await shown(seen, "三。")
            await bench.finalize(4, "四。")
            await shown(seen, "四。")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await cable.cut()

    assert set(texts(seen)) == set(expected)


@pytest.mark.broker
async def test_finals_of_the_time_without_a_link_outlive_a_restart_of_a_broker_that_saves_sessions(
    tmp_path: Path,
) -> None:
    seen: list[tuple[str, MeetingEvent]] = []

    keeps = ("persistence true", f"persistence_location {tmp_path}/")
    async with Mosquitto(tmp_path, *keeps) as broker, running(broker.port) as bench:
        cable = Cable(broker.port)
        await cable.plug_in()
        url = f"mqtt://127.0.0.1:{cable.port}/streamer/room"
        task = asyncio.ensure_future(collect(RoomWatcher(MqttSettings(url=url)), seen))
        async with asyncio.timeout(30):
            await cut_off_after_the_first_of_three(bench, cable, seen)
            while bench.outbox.count():
                await asyncio.sleep(0.01)
            await broker.save(tmp_path)
            broker.kill()
            await broker.start()
            await cable.plug_in()
            await shown(seen, "三。")
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await cable.cut()

    assert texts(seen) == ["一。", "二。", "三。"]


@pytest.mark.broker
async def test_a_room_whose_broker_hangs_is_silent_and_is_not_when_it_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streamer.sinks.mqtt.silence._SHORTEST_INTERVAL", 0.2)
    seen: list[tuple[str, MeetingEvent]] = []

    def told() -> list[tuple[str, str]]:
        return [(room, event.text) for room, event in seen if isinstance(event, Notice) and "silent" in event.key]

    async with Mosquitto(tmp_path) as broker, running(broker.port, metrics_interval_s=1.0) as bench:
        url = f"mqtt://127.0.0.1:{broker.port}/streamer/+"
        task = asyncio.ensure_future(collect(RoomWatcher(MqttSettings(url=url)), seen))
        async with asyncio.timeout(30):
            await bench.publisher.handle(StatusUpdated(16_000, -40.0, 0.1, is_speech=False, partials_shed=0))
            while sum(isinstance(event, StatusUpdated) for _, event in seen) < 2:
                await asyncio.sleep(0.01)
            broker.suspend()
            while not told():
                await asyncio.sleep(0.01)
            broker.resume()
            while len(told()) < 2:
                await asyncio.sleep(0.01)
        task.cancel()

    assert told() == [("room", "silent"), ("room", "")]
