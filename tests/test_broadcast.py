"""A real `streamer run` that is killed with captions in its outbox, and the next one, or recovery, that sends them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import sqlite3
import sys
from pathlib import Path

import pytest

from streamer.archive.archive import Archive
from streamer.settings import Settings
from tests.brokers import Mosquitto, free_port, subscribed
from tests.running import Program

pytestmark = pytest.mark.broker

WAITING = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND topic LIKE '%/caption/final'"


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


async def start(command: list[str], port: int) -> asyncio.subprocess.Process:
    where = ("--room", "room", "--mqtt", f"mqtt://127.0.0.1:{port}/streamer")
    silent = {"stdout": asyncio.subprocess.DEVNULL, "stderr": asyncio.subprocess.DEVNULL}
    return await asyncio.create_subprocess_exec(*command, "--fast", "--plain", *where, **silent)


async def kill_with_finals_waiting(command: list[str], port: int, data_dir: Path, finals: int) -> None:
    killed = await start(command, port)
    async with asyncio.timeout(60):
        while waiting_finals(data_dir / "streamer.db") < finals:
            assert killed.returncode is None
            await asyncio.sleep(0.02)
    killed.kill()
    await killed.wait()


async def test_finals_of_a_killed_run_are_sent_by_the_next(tmp_path: Path) -> None:
    port, program = free_port(), Program(tmp_path, sentences=60)
    await kill_with_finals_waiting(program.command(), port, program.data, 3)
    left = waiting_finals(program.data / "streamer.db")
    async with Mosquitto(tmp_path, port=port), subscribed(port, "streamer/room/caption/final") as seen:
        again = await start(program.command(), port)
        assert await asyncio.wait_for(again.wait(), 60) == 0
        await seen.until(lambda seen: len({json.loads(payload)["meeting"] for payload in seen.on("final")}) == 2)
        captions = [json.loads(payload) for payload in seen.on("final")]
    first = [caption["segment"] for caption in captions if caption["meeting"] == captions[0]["meeting"]]

    counts = [caption["sequence"] for caption in captions]

    assert counts == [*range(1, left + 1), *range(1, len(captions) - left + 1)]
    assert first == sorted(set(first))
    assert len(first) == left
    assert len(captions) > left
    assert waiting_finals(program.data / "streamer.db") == 0


async def test_recovery_sends_what_was_said_and_its_hindsight_each_after_its_final(tmp_path: Path) -> None:
    port = free_port()
    demo = [sys.executable, "-m", "streamer", "run", "--source", "demo", "--data-dir", str(tmp_path / "data")]
    await kill_with_finals_waiting(demo, port, tmp_path / "data", 8)
    async with Mosquitto(tmp_path, port=port), subscribed(port) as seen:
        recovery = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "streamer", "recover", "--data-dir", str(tmp_path / "data"),
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        )  # fmt: skip
        assert await asyncio.wait_for(recovery.wait(), 60) == 0
        await seen.until(lambda seen: seen.on("meeting"))
    with contextlib.closing(Archive(tmp_path / "data").open_store(Settings())) as store:
        (record,) = store.records()
        kept = {line.segment_id: (line.revision, line.text) for line in store.lines(record.id)}
    finals, captions, told_early = 0, dict[int, tuple[int, str]](), []
    for topic, payload, _ in seen.messages[:-1]:
        caption = json.loads(payload)
        if topic.endswith("/caption/final"):
            finals += 1
            assert caption["sequence"] == finals
        elif caption["segment"] not in captions:
            told_early.append(caption["segment"])
        captions[caption["segment"]] = (caption["revision"], caption["text"])

    assert captions == kept
    assert finals == len(kept)
    assert told_early == []
    assert len(seen.on("/revised")) > 0
