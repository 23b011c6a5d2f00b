from __future__ import annotations

import json
from pathlib import Path

from typer.testing import CliRunner

from streamer.cli import app
from streamer.errors import SinkError
from streamer.settings import load_settings
from tests.brokers import free_port
from tests.meeting.kept import hold
from tests.meeting.material import STARTED


def test_with_no_mqtt_no_broker_is_told(tmp_path: Path) -> None:
    """As in a copy of a data folder: the meeting may go on in its original."""
    broker = f"127.0.0.1:{free_port()}"
    hold(tmp_path, settings=load_settings(overrides={"mqtt": {"url": f"mqtt://{broker}/streamer"}}))
    (tmp_path / "running" / f"{STARTED.meeting_id}.lock").touch()  # as if the process had died while it closed it
    command = ["recover", "--json", "--data-dir", str(tmp_path)]
    quiet = CliRunner().invoke(app, [*command, "--no-mqtt"], catch_exceptions=False)
    (tmp_path / "running" / f"{STARTED.meeting_id}.lock").touch()
    told = CliRunner().invoke(app, command)

    assert quiet.exit_code == 0
    assert [(one["broker"], one["told"]) for one in json.loads(quiet.stdout)] == [(None, None)]
    assert isinstance(told.exception, SinkError)
    assert [(one["broker"], one["told"]) for one in json.loads(told.stdout)] == [(broker, False)]
