"""Figures over real HTTP."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from streamer.asr.packset import NpuStatistics
from streamer.errors import SettingsError, SinkError
from streamer.metrics import server
from streamer.metrics.levels import Levels, Watched
from streamer.metrics.metrics import Metrics
from streamer.pipeline import MeetingLoad
from streamer.settings import Settings, load_settings
from tests.brokers import free_port
from tests.fake_sinks import FailingSink
from tests.fakes import silence, speech
from tests.metrics.scraping import scrape
from tests.pipeline.rig import Rig
from tests.virtual_time import run_virtual


def settings_with(port: int) -> Settings:
    return load_settings(overrides={"metrics": {"port": port}})


@contextmanager
def serving(metrics: Metrics) -> Iterator[int]:
    port = free_port()
    with metrics.serve(settings_with(port)):
        yield port


def held_meeting(metrics: Metrics) -> Rig:
    async def main() -> Rig:
        rig = Rig([silence(0.5), speech(2.0), silence(1.5)], room="hall")
        rig.meeting.attach("metrics", metrics.watch("hall", rig.meeting, rig.settings))
        rig.attach("failing", FailingSink(2))
        await rig.run()
        return rig

    return run_virtual(main())


def test_a_scrape_shows_what_a_meeting_did_and_how_the_process_does() -> None:
    metrics = Metrics(lambda: None, lambda: {"hall": 7})
    held_meeting(metrics)
    with serving(metrics) as port:
        found = scrape(port)

    assert found['streamer_sound_seconds_total{room="hall"}'] == 4.0
    assert found['streamer_utterances_total{room="hall"}'] == 1
    assert found['streamer_segments_total{room="hall"}'] == 1
    assert found['streamer_running{room="hall"}'] == 0
    assert found['streamer_sink_failures_total{room="hall",sink="failing"}'] == 2
    assert found['streamer_sink_waiting_events{room="hall",sink="metrics"}'] == 0
    assert found['streamer_outbox_messages{room="hall"}'] == 7
    assert found['streamer_final_seconds_count{room="hall"}'] == 1
    assert found["process_resident_memory_bytes"] > 1e6
    assert found["process_open_fds"] > 3


def test_the_npu_is_shown_where_there_is_one() -> None:
    metrics = Metrics(lambda: NpuStatistics(9, 2, 1, 1, is_away=True, bridged=3), dict)
    with serving(metrics) as port:
        found = scrape(port)

    assert found["streamer_npu_runs_total"] == 9
    assert found["streamer_npu_failures_total"] == 2
    assert found["streamer_npu_outages_total"] == 1
    assert found["streamer_npu_away"] == 1
    assert found["streamer_npu_bridged_total"] == 3


def test_a_scrape_asks_once_what_waits_of_all_rooms() -> None:
    asked = []

    def waiting() -> dict[str, int]:
        asked.append(1)
        return {"hall": 7, "lab": 0}

    metrics = Metrics(lambda: None, waiting)
    held_meeting(metrics)
    with serving(metrics) as port:
        found = scrape(port)

    assert [found[f'streamer_outbox_messages{{room="{room}"}}'] for room in ("hall", "lab")] == [7, 0]
    assert len(asked) == 1


def test_a_room_may_be_added_while_the_others_are_asked() -> None:
    rooms: dict[str, Watched] = {}

    def load() -> MeetingLoad:
        rooms["lab"] = Watched(MeetingLoad, lambda: 0.0)
        return MeetingLoad()

    rooms["hall"] = Watched(load, lambda: 0.0)
    families = {family.name: family for family in Levels(rooms, lambda: None, dict).collect()}

    assert [sample.labels for sample in families["streamer_running"].samples] == [{"room": "hall"}]


def test_an_outbox_that_does_not_answer_is_left_out() -> None:
    metrics = Metrics(lambda: None, dict)

    async def main() -> None:
        rig = Rig([speech(1.0)], room="hall")
        metrics.watch("hall", rig.meeting, rig.settings)

    run_virtual(main())
    with serving(metrics) as port:
        found = scrape(port)

    assert 'streamer_outbox_messages{room="hall"}' not in found
    assert found['streamer_running{room="hall"}'] == 0


def test_a_taken_port_is_named() -> None:
    metrics = Metrics(lambda: None, dict)
    with (
        serving(metrics) as port,
        pytest.raises(SinkError, match=f"cannot listen on 127.0.0.1:{port}: Address already in use"),
        metrics.serve(settings_with(port)),
    ):
        pass


@pytest.mark.parametrize(
    ("host", "reason"),
    [
        ("192.0.2.1", "Cannot assign requested address"),
        ("[::1]", "Name or service not known"),
        ("厅" * 64, "no host has such a name"),
    ],
)
def test_an_address_that_this_computer_does_not_have_is_told_as_such(host: str, reason: str) -> None:
    settings = load_settings(overrides={"metrics": {"port": free_port(), "host": host}})

    with pytest.raises(SinkError) as refused, Metrics(lambda: None, dict).serve(settings):
        pass

    assert str(refused.value) == (
        f"metrics: cannot listen on {host}:{settings.metrics.port}: {reason}; "
        "set metrics.host to an address of this computer: 127.0.0.1, or 0.0.0.0 for all that it has"
    )


def test_no_address_at_all_is_not_every_address() -> None:
    with pytest.raises(SettingsError, match=r"`metrics\.host` is ''; expected text that is not empty"):
        load_settings(overrides={"metrics": {"host": ""}})


def test_the_name_service_is_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "getfqdn", lambda _: pytest.fail("it may take many seconds to answer"))

    with serving(Metrics(lambda: None, dict)) as port:
        assert scrape(port)["process_open_fds"] > 3


def test_nothing_is_left_of_the_server() -> None:
    metrics = Metrics(lambda: None, dict)
    with serving(metrics) as port:
        scrape(port)
        assert "streamer-metrics" in {thread.name for thread in threading.enumerate()}

    assert "streamer-metrics" not in {thread.name for thread in threading.enumerate()}
    with pytest.raises(OSError, match="Connection refused"):
        scrape(port)


@contextmanager
def request(port: int) -> Iterator[socket.socket]:
    """A client that has asked for the figures."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as client:
        client.sendall(b"GET /metrics HTTP/1.1\r\n\r\n")
        yield client


def test_a_client_that_goes_away_before_its_answer_leaves_no_traceback(capfd: pytest.CaptureFixture[str]) -> None:
    asked, gone = threading.Event(), threading.Event()

    def wait() -> None:
        asked.set()
        gone.wait()

    with serving(Metrics(wait, dict)) as port:
        with request(port) as client:
            asked.wait()
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closing resets
        gone.set()
        for thread in threading.enumerate():
            if "process_request_thread" in thread.name:
                thread.join()

    assert capfd.readouterr().err == ""


def test_a_client_that_says_nothing_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server._Handler, "timeout", 0.01)

    with (
        serving(Metrics(lambda: None, dict)) as port,
        socket.create_connection(("127.0.0.1", port), timeout=5) as client,
    ):
        assert client.recv(1) == b""


def test_a_defect_in_a_figure_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    def fail() -> None:
        raise RuntimeError("no figures")

    with serving(Metrics(fail, dict)) as port, request(port) as client:
        assert client.recv(1) == b""

    assert [record.getMessage() for record in caplog.records] == ["metrics: a scrape failed"]
