"""Meetings whose process died while it closed them."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.archive.archive import Archive, remove_sound
from streamer.cli import app
from streamer.errors import SinkError, StoreError
from streamer.minutes import Audio
from streamer.retention import unfinished_meetings
from tests.meeting.closing import ID, streamer, titles
from tests.meeting.kept import SETTINGS, begin

DYING = """
import os, sys
from pathlib import Path
from streamer.archive.archive import Archive
from tests.meeting.closing import ID, ended_but_open
from tests.meeting.kept import SETTINGS, begin
data_dir = Path(sys.argv[1])
journal = ended_but_open(data_dir) if sys.argv[2] == "ended" else begin(data_dir)
store = Archive(data_dir).open_store(SETTINGS)
store.set_title(ID, "预算会")
os._exit(9)
"""


def died(data_dir: Path, when: str) -> None:
    """A process that was killed, after its meeting's end or before; the title had changed."""
    assert subprocess.run([sys.executable, "-c", DYING, data_dir, when], check=False).returncode == 9


@pytest.mark.parametrize("named", [[], [ID]])
def test_what_a_process_left_that_died_while_it_closed_its_meeting_is_completed(tmp_path, named):
    died(tmp_path, "ended")
    assert json.loads(streamer(tmp_path, "meetings", "--json"))[0]["state"] == "unfinished"
    assert [one.id for one in unfinished_meetings(SETTINGS, tmp_path)] == [ID]

    assert streamer(tmp_path, "recover", *named) == f"Meeting {ID}: 0.0 s completed; lines added: 0.\n"
    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")
    assert {path.suffix for path in (tmp_path / "meetings").glob("*/audio/*")} == {".flac"}
    assert json.loads(streamer(tmp_path, "meetings", "--json"))[0]["state"] == "ended"
    assert streamer(tmp_path, "recover") == "No meeting is unfinished.\n"


def test_sound_that_was_not_to_be_kept_is_forgotten_wherever_the_process_died(tmp_path):
    died(tmp_path, "ended")
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)
    store.set_audio(ID, Audio.PASSING)
    streamer(tmp_path, "recover")

    assert store.record(ID).audio is Audio.DELETED
    assert not archive.audio(store.record(ID)).exists()
    store.close()


def test_sound_whose_deletion_was_interrupted_can_be_deleted_again(tmp_path, monkeypatch):
    begin(tmp_path).close()
    archive = Archive(tmp_path)
    store = archive.open_store(SETTINGS)

    def interrupted(_folder: Path, *, ignore_errors: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("streamer.archive.archive.shutil.rmtree", interrupted)
    with pytest.raises(KeyboardInterrupt):
        remove_sound(archive, store, store.record(ID))

    assert store.record(ID).audio is Audio.KEPT
    store.close()


def test_a_meeting_that_cannot_be_recovered_keeps_no_other_from_it(tmp_path):
    died(tmp_path, "ended")
    begin(tmp_path, meeting_id="20261121T000000Z-0000").close()
    for sound in (tmp_path / "meetings").glob("*_周会_2/audio/*"):
        sound.write_bytes(b"no sound")
    result = CliRunner().invoke(app, ["recover", "--json", "--data-dir", str(tmp_path)])

    assert [one["id"] for one in json.loads(result.stdout)] == [ID]
    assert isinstance(result.exception, StoreError)
    assert "is damaged" in str(result.exception)


@pytest.mark.parametrize("when", ["ended", "before its end"])
def test_a_meeting_whose_files_could_not_be_completed_is_completed_by_the_next_recovery(tmp_path, when):
    died(tmp_path, when)
    (folder,) = (tmp_path / "meetings").iterdir()
    (folder / "minutes.md").unlink(missing_ok=True)
    (folder / "minutes.md").mkdir()
    failed = CliRunner().invoke(app, ["recover", "--data-dir", str(tmp_path)])
    (folder,) = (tmp_path / "meetings").iterdir()
    (folder / "minutes.md").rmdir()
    streamer(tmp_path, "recover")

    assert isinstance(failed.exception, SinkError)
    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")
    assert streamer(tmp_path, "recover") == "No meeting is unfinished.\n"


def test_a_folder_that_is_gone_is_made_anew_for_the_minutes(tmp_path):
    """A deletion that was interrupted, or a folder deleted by hand: the text is in the store."""
    died(tmp_path, "ended")
    shutil.rmtree(tmp_path / "meetings")
    streamer(tmp_path, "recover")

    assert "今年预算是20万。" in next((tmp_path / "meetings").glob("*/minutes.txt")).read_text(encoding="utf-8")


def test_the_folder_follows_a_title_of_a_meeting_that_was_interrupted(tmp_path):
    died(tmp_path, "before its end")
    streamer(tmp_path, "recover")

    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")


def test_a_folder_that_was_renamed_when_the_process_died_keeps_its_name(tmp_path):
    """The store did not know of it yet."""
    died(tmp_path, "ended")
    (folder,) = (tmp_path / "meetings").iterdir()
    renamed = folder.rename(folder.with_name(folder.name.replace("周会", "预算会")))
    streamer(tmp_path, "recover")

    assert [one.name for one in (tmp_path / "meetings").iterdir()] == [renamed.name]
    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")


def test_a_folder_does_not_take_the_name_of_one_that_was_deleted_by_hand(tmp_path):
    begin(tmp_path, meeting_id="20261120T063001Z-0000", title="预算会").close()
    (deleted,) = (tmp_path / "meetings").iterdir()
    shutil.rmtree(deleted)
    begin(tmp_path).close()
    streamer(tmp_path, "meetings", "rename", ID, "预算会")

    assert [one.name for one in (tmp_path / "meetings").iterdir()] == [f"{deleted.name}_2"]
