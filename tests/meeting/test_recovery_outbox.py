"""Recovered captions of meetings that were published."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess

import pytest

from streamer.archive.archive import Archive
from streamer.meeting.outbox import StoreOutbox
from streamer.settings import Settings
from tests.meeting.real_run import (
    ENVIRONMENT,
    STREAMER,
    Death,
    Studio,
    lines_of,
    run_and_kill,
)

pytestmark = pytest.mark.timeout(400)  # several whole processes each


def test_recovered_finals_wait_for_the_broker_where_the_meeting_was_published(studio, tmp_path):
    published = Studio(shutil.copytree(studio.folder, tmp_path / "studio"))
    with published.config.open("a", encoding="utf-8") as file:
        file.write('[mqtt]\nurl = "mqtt://127.0.0.1:1/streamer"\n')
    run_and_kill(published, tmp_path / "data", Death(3, 0.0), "--fast")
    command = [*STREAMER, "recover", "--data-dir", tmp_path / "data", "--config", published.config]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)

    store = Archive(tmp_path / "data").open_store(Settings())
    waiting = StoreOutbox(store.database, "127.0.0.1:1", ("streamer/test/caption/final",)).waiting(100)
    store.close()
    assert {one.topic for one in waiting} == {"streamer/test/caption/final"}
    payloads = [json.loads(one.payload) for one in waiting]
    assert [payload["text"] for payload in payloads] == [line.text for line in lines_of(tmp_path / "data")]
    assert [payload["sequence"] for payload in payloads] == list(range(1, len(payloads) + 1))
    assert done.returncode == 5
    (told,) = done.stderr.splitlines()
    assert told.startswith("streamer: 127.0.0.1:1 did not take everything (")
    assert told.endswith("or the next run in this room tells it, the meeting seems to go on there")
    assert " s completed; lines added: " in done.stdout


def test_what_was_put_aside_and_what_is_recovered_after_it_are_counted_on(studio, tmp_path):
    """The store is locked after the first final, and the process killed once a final was put aside."""
    published = Studio(shutil.copytree(studio.folder, tmp_path / "studio"))
    with published.config.open("a", encoding="utf-8") as file:
        file.write('[mqtt]\nurl = "mqtt://127.0.0.1:1/streamer"\n')
    data = tmp_path / "data"
    with subprocess.Popen(published.command(data), stdout=subprocess.PIPE, env=ENVIRONMENT) as process:
        next(line for line in process.stdout if b'"segment_finalized"' in line)
        other = sqlite3.connect(data / "streamer.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        # Captions do not wait for the store: what is said after something was put aside is recorded, and growing.
        growing = (line for line in process.stdout if b'"segment_updated"' in line)
        next(line for line in growing if list(data.glob("meetings/*/streamer-*.jsonl")))
        for _ in range(6):
            next(growing)
        process.kill()
    other.close()
    command = [*STREAMER, "recover", "--json", "--data-dir", data, "--config", published.config]
    done = subprocess.run(command, stdout=subprocess.PIPE, env=ENVIRONMENT, check=False)
    (told,) = json.loads(done.stdout)

    store = Archive(data).open_store(Settings())
    waiting = StoreOutbox(store.database, "127.0.0.1:1", ("streamer/test/caption/final",)).waiting(100)
    store.close()
    assert (done.returncode, told["broker"], told["told"]) == (5, "127.0.0.1:1", False)
    assert told["put_back"] > 0
    assert told["lines"] > 0
    assert [json.loads(one.payload)["sequence"] for one in waiting] == list(range(1, len(waiting) + 1))
