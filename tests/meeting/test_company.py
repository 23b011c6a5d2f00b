"""Commands beside a running meeting."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import numpy as np
import pytest

from streamer.archive.archive import Archive
from streamer.settings import Settings
from tests.meeting.real_run import ENVIRONMENT, Studio, lines_of, open_studio
from tests.sounds import write
from tests.tonepack import hiss, tone

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture
def studio(tmp_path: Path) -> Studio:
    """A meeting of half a minute, a sentence every three seconds."""
    studio = open_studio(tmp_path / "studio")
    parts = [hiss(0.7)]
    for sentence in range(10):
        parts += [part for at in range(6) for part in (tone((sentence + at) % 5, 0.22), hiss(0.06))] + [hiss(1.3)]
    write(studio.sound, np.concatenate(parts).astype(np.float32) / 32768)
    return studio


def test_every_command_works_while_the_meeting_runs_and_takes_nothing_away(studio, tmp_path):
    data = tmp_path / "data"

    def command(*arguments: str) -> str:
        return studio.streamer(*arguments, "--data-dir", data)

    running = subprocess.Popen(
        studio.command(data), stdout=subprocess.PIPE, text=True, encoding="utf-8", env=ENVIRONMENT
    )
    shown, titles = {}, []
    for line in running.stdout:
        event = json.loads(line)
        if event["event"] == "title_changed":
            titles.append(event["title"])
        if event["event"] != "segment_finalized":
            continue
        shown[event["segment"]] = event["text"]
        if len(shown) == 2:
            (meeting,) = json.loads(command("meetings", "--json"))
            assert meeting["state"] == "running"
            first = min(shown)
            command("meetings", "edit", "last", f"@{first}", "改过的一句")
            command("meetings", "rename", "last", "预算会")
            assert "改过的一句" in command("meetings", "search", "改过")
            assert "预算会" in command("meetings", "show", "last")
            command("meetings", "export", "last", "--to", "srt", "--out", tmp_path)
            command("summarize", "last")
    running.stdout.close()
    assert running.wait() == 0
    assert titles == ["预算会"]

    store = Archive(data).open_store(Settings())
    (record,) = store.records()
    store.close()
    assert record.ended_at is not None
    assert record.title == "预算会"
    assert record.folder.endswith("_预算会")
    assert {line.segment_id: line.text for line in lines_of(data) if line.text} == {**shown, first: "改过的一句"}
    written = (data / "meetings" / record.folder / "minutes.txt").read_text(encoding="utf-8")
    assert written.startswith("预算会\n")
    assert written.count("改过的一句") >= 1
