from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, free_port
from tests.sinks.mqtt.parts import running


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


async def watched(tmp_path: Path, output: str) -> list[str]:
    """What ``streamer watch`` prints of two finals and, between them, the first one in hindsight."""
    async with Mosquitto(tmp_path) as broker, running(broker.port) as bench:
        address = f"mqtt://127.0.0.1:{broker.port}/streamer/room"
        command = [sys.executable, "-m", "streamer", "watch", output, address]
        environment = {**os.environ, "XDG_DATA_HOME": str(tmp_path)}
        process = await asyncio.create_subprocess_exec(*command, stdout=PIPE, env=environment)
        assert process.stdout is not None
        lines: list[str] = []
        try:
            async with asyncio.timeout(30):
                while not any("周会" in line for line in lines):
                    lines.append((await process.stdout.readline()).decode())
                await bench.finalize(1, "到了。")
                await bench.revise(1, "到了，")
                await bench.finalize(2, "开始。")
                while "开始。" not in lines[-1]:
                    lines.append((await process.stdout.readline()).decode())
        finally:
            process.kill()
            await process.wait()
    return lines


@pytest.mark.broker
async def test_a_line_that_is_written_otherwise_in_hindsight_is_not_printed_again(tmp_path: Path) -> None:
    assert [line.split()[-1] for line in await watched(tmp_path, "--plain")][1:] == ["到了。", "开始。"]


@pytest.mark.broker
async def test_json_passes_hindsight_on(tmp_path: Path) -> None:
    told = [json.loads(line) for line in await watched(tmp_path, "--json")]

    assert [(one["event"], one["text"]) for one in told if one["event"].startswith("segment")] == [
        ("segment_finalized", "到了。"),
        ("segment_revised", "到了，"),
        ("segment_finalized", "开始。"),
    ]
