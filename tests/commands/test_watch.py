from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, free_port


@pytest.mark.broker
async def test_plain_lines_tell_once_that_the_broker_is_away_and_once_that_it_is_back(tmp_path: Path) -> None:
    port = free_port()
    address = f"mqtt://127.0.0.1:{port}/streamer"
    command = [sys.executable, "-m", "streamer", "watch", "--plain", f"{address}/room"]
    environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, stderr=PIPE, env=environment)
    assert process.stdout is not None

    try:
        async with asyncio.timeout(30):
            away = await process.stdout.readline()
            async with Mosquitto(tmp_path, port=port):
                back = await process.stdout.readline()
                process.send_signal(signal.SIGINT)
                rest, errors = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()

    assert away.decode().startswith(f"! MQTT: no link to {address} (")
    assert back.decode() == f"! MQTT: the link to {address} is back\n"
    assert (process.returncode, rest, errors) == (0, b"", b"")
