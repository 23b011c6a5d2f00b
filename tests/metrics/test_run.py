"""`streamer run --metrics-port` as a process."""

from __future__ import annotations

import signal
import socket
from pathlib import Path

import pytest

from streamer.app import MeetingOptions, run_rooms
from streamer.errors import SinkError
from streamer.outputs import Output
from streamer.recognition import SharedModels
from streamer.settings import load_settings
from tests.brokers import free_port
from tests.metrics.scraping import scrape
from tests.running import Program, rest_of, wait_for_line


def test_figures_of_a_running_meeting(tmp_path: Path) -> None:
    program, port = Program(tmp_path), free_port()
    with program.start("--json", "--room", "hall", "--metrics-port", str(port)) as process:
        wait_for_line(process, '"segment_updated","segment":2')
        found = scrape(port)
        process.send_signal(signal.SIGINT)
        rest_of(process)

    assert process.returncode == 0
    assert found['streamer_running{room="hall"}'] == 1
    assert found['streamer_segments_total{room="hall"}'] == 1
    assert found['streamer_decoding_seconds_total{kind="final",room="hall"}'] > 0
    assert found['streamer_rtf{room="hall"}'] > 0


async def test_no_models_are_loaded_for_a_run_that_cannot_begin(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program would end while they are loading, in another thread: their library aborts it then."""
    loaded: list[SharedModels] = []

    def note(models: SharedModels) -> None:
        loaded.append(models)

    monkeypatch.setattr(SharedModels, "load", note)
    options = MeetingOptions(source="demo", title="周会", room="hall", output=Output.PLAIN, data_dir=tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        settings = load_settings(overrides={"metrics": {"port": holder.getsockname()[1]}})
        with pytest.raises(SinkError, match="cannot listen"):
            await run_rooms({options: settings})

    assert loaded == []


def test_a_taken_port_is_one_message_and_no_meeting(tmp_path: Path) -> None:

    program = Program(tmp_path)
    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        done = program.run("--fast", "--plain", "--metrics-port", str(holder.getsockname()[1]))

    assert done.returncode == 5
    assert done.stderr.startswith("streamer: 无法在 127.0.0.1:")
    assert done.stdout == ""
