from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
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


@contextlib.asynccontextmanager
async def watching(output: int, **environment: str) -> AsyncIterator[Process]:
    """``streamer watch --json``, which writes there of a broker that is away."""
    command = [sys.executable, "-m", "streamer", "watch", "--json", f"mqtt://127.0.0.1:{free_port()}/streamer/room"]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=output, stderr=PIPE, env={**os.environ, **environment}
    )
    try:
        async with asyncio.timeout(30):
            yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_watching_ends_without_a_word_where_nobody_reads_any_more(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    try:
        async with watching(write, XDG_DATA_HOME=str(tmp_path)) as process:
            told = await process.communicate()
    finally:
        os.close(write)

    assert (process.returncode, told) == (1, (None, b""))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs Linux's /dev/full")
async def test_a_full_disk_ends_watching_with_one_line(tmp_path: Path) -> None:
    full = os.open("/dev/full", os.O_WRONLY)
    try:
        async with watching(full, XDG_DATA_HOME=str(tmp_path)) as process:
            _, errors = await process.communicate()
    finally:
        os.close(full)

    assert errors.decode() == (
        "streamer: standard output: No space left on device; make room where it is written, or write it elsewhere\n"
    )
    assert process.returncode == 5


async def test_watching_needs_no_folder_of_the_user(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    async with watching(PIPE, XDG_DATA_HOME=str(tmp_path / "file")) as process:
        assert process.stdout is not None
        first = json.loads(await process.stdout.readline())

    assert (first["event"], first["key"]) == ("notice", "mqtt.link")
