"""The real program on a disk that refuses: captions go on, and nothing already written is damaged."""

from __future__ import annotations

import json
import sqlite3
import subprocess
from pathlib import Path
from typing import Any

import pytest

from streamer.archive.archive import Archive
from streamer.audio.pieces import pieces_of, read_sound, recorded_spans
from streamer.settings import Settings
from tests.disks import remount, small_disk
from tests.meeting.real_run import ENVIRONMENT, Studio, lines_of

pytestmark = pytest.mark.timeout(400)  # whole processes


def hold(studio: Studio, data_dir: Path) -> tuple[int, str, list[dict[str, Any]]]:
    """Run the meeting; exit code, standard error, events."""
    command = studio.command(data_dir, "--fast")
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=ENVIRONMENT)
    return done.returncode, done.stderr, [json.loads(line) for line in done.stdout.splitlines()]


def finals(events: list[dict[str, Any]]) -> list[str]:
    return [event["text"] for event in events if event["event"] == "segment_finalized"]


@pytest.fixture(scope="module")
def expected(studio: Studio, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """What is said."""
    return finals(hold(studio, tmp_path_factory.mktemp("healthy"))[2])


def test_a_full_disk(studio, expected, tmp_path, monkeypatch):
    monkeypatch.setitem(ENVIRONMENT, "TMPDIR", str(tmp_path))  # another disk
    with small_disk(tmp_path / "disk", "1m") as disk:
        code, told, events = hold(studio, disk)
        (aside,) = tmp_path.glob("streamer-*.jsonl")
        store = Archive(disk).open_store(Settings())
        assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]
        pieces = pieces_of(Archive(disk).audio(store.records()[0]))
        store.close()
        written = recorded_spans(pieces)[0][1]
        assert read_sound(pieces, 0, written) == studio.sound.read_bytes()[44 : 44 + 2 * written]
        stored = [line.text for line in lines_of(disk)]
        remount(disk, "size=9m")
        (recovered,) = json.loads(studio.streamer("recover", "--json", "--data-dir", disk))
        assert [line.text for line in lines_of(disk)] == expected
        assert recovered["put_back"] == sum(bool(text) for text in expected[len(stored) :]) > 0
        assert not aside.exists()

    assert finals(events) == expected
    assert f"captions ({recovered['put_back']}) and the end are not in the meeting" in told
    assert f"they lie in {aside}; once that is mended, " in told
    assert f"`streamer recover {recovered['id']} --data-dir {disk}` puts them back" in told
    assert any(event["event"] == "notice" and "free some space" in event["text"] for event in events)
    assert (code, "free some space" in told) == (4, True)


def test_a_disk_that_has_room_for_captions_only(studio, expected, tmp_path):
    with small_disk(tmp_path / "disk", "64m") as disk:  # of which sound leaves 8 MB
        (disk / "filling").write_bytes(bytes(57 * 2**20))
        code, told, events = hold(studio, disk)
        stored = [line.text for line in lines_of(disk)]
    notices = {event["text"] for event in events if event["event"] == "notice" and event["key"] == "store.sound"}
    (notice,) = (text for text in notices if text)

    assert finals(events) == stored == expected
    assert notice.startswith("captions are saved; sound is not being recorded: ")
    assert "ERROR streamer.pipeline.storage: the recording failed: " in told
    assert "the meeting store failed" not in told
    assert (code, "s of sound were not recorded to " in told) == (4, True)


def test_a_store_that_another_process_holds(studio, expected, tmp_path):
    Archive(tmp_path).open_store(Settings()).close()
    other = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    command = studio.command(tmp_path, "--fast")
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=ENVIRONMENT) as process:
        events = []
        for line in process.stdout:
            events.append(json.loads(line))
            if len(events) == 1:  # the meeting has begun
                other.execute("BEGIN IMMEDIATE")
            if events[-1]["event"] == "meeting_ended":
                other.execute("ROLLBACK")
    other.close()

    assert finals(events) == expected
    assert [line.text for line in lines_of(tmp_path)] == expected, "what waited was stored in the end"
