"""A real `streamer run` that is killed with finals in its outbox, and the next one that sends them."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from tests.brokers import Mosquitto, free_port, subscribed

pytestmark = pytest.mark.broker

WAITING = "SELECT count(*) FROM outbox WHERE state = 'waiting'"


def waiting_finals(store: Path) -> int:
    """How many finals wait in the outbox; 0 before there is a store."""
    if not store.exists():
        return 0
    connection = sqlite3.connect(f"file:{store}?mode=ro", uri=True)
    try:
        return int(connection.execute(WAITING).fetchone()[0])
    except sqlite3.OperationalError:
        return 0
    finally:
        connection.close()


async def start(port: int, data_dir: Path) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "streamer", "run", "--source", "demo", "--fast", "--plain", "--room", "room",
        "--mqtt", f"mqtt://127.0.0.1:{port}/streamer", "--data-dir", str(data_dir),
        stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip


async def test_finals_of_a_killed_run_are_sent_by_the_next(tmp_path: Path) -> None:
    port = free_port()
    killed = await start(port, tmp_path / "data")
    async with asyncio.timeout(60):
        while waiting_finals(tmp_path / "data" / "streamer.db") < 3:
            assert killed.returncode is None
            await asyncio.sleep(0.02)
    killed.kill()
    await killed.wait()
    left = waiting_finals(tmp_path / "data" / "streamer.db")
    async with Mosquitto(tmp_path, port=port), subscribed(port, "streamer/room/caption/final") as seen:
        again = await start(port, tmp_path / "data")
        assert await asyncio.wait_for(again.wait(), 60) == 0
        await seen.until(lambda seen: len({json.loads(payload)["meeting"] for payload in seen.on("final")}) == 2)
        captions = [json.loads(payload) for payload in seen.on("final")]
    first = [caption["segment"] for caption in captions if caption["meeting"] == captions[0]["meeting"]]

    counts = [caption["sequence"] for caption in captions]

    assert counts == [*range(1, left + 1), *range(1, len(captions) - left + 1)]
    assert first == sorted(set(first))
    assert len(first) == left
    assert len(captions) > left
    assert waiting_finals(tmp_path / "data" / "streamer.db") == 0
