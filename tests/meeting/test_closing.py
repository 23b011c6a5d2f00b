"""Commands that come while a meeting is closing: it has ended, and its process still works on its files."""

from __future__ import annotations

import fcntl
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.archive import Archive, remove_sound
from streamer.cli import app
from streamer.errors import SinkError, StoreError
from streamer.meeting.journal import MeetingJournal
from streamer.meeting.locks import MeetingLock
from streamer.minutes import Audio
from streamer.retention import tidy_up
from streamer.types import SAMPLE_RATE, MeetingEnded
from tests.meeting.kept import SETTINGS, begin
from tests.meeting.material import START, STARTED

ID = STARTED.meeting_id


def ended_but_open(data_dir: Path) -> MeetingJournal:
    """A meeting whose end is in the store, and whose process has not released it."""
    journal = begin(data_dir)
    journal.record(MeetingEnded(7 * SAMPLE_RATE, START + timedelta(seconds=7)))
    return journal


def beside(data_dir: Path, *arguments: str) -> Callable[[], str]:
    """Start a command beside the closing meeting; gives what waits for its end."""
    outcomes: list[str] = []

    def run() -> None:
        command = [*arguments, "--data-dir", str(data_dir)]
        outcomes.append(CliRunner().invoke(app, command, catch_exceptions=True).output)

    thread = threading.Thread(target=run)
    thread.start()

    def finish() -> str:
        thread.join(60)
        assert not thread.is_alive()
        return outcomes[0]

    return finish


def titles(data_dir: Path) -> tuple[str, str, str]:
    """Title in the store, folder, first line of the minutes."""
    archive = Archive(data_dir)
    store = archive.open_store(SETTINGS)
    record = store.record(ID)
    store.close()
    head = (archive.meetings / record.folder / "minutes.md").read_text(encoding="utf-8").splitlines()[0]
    return record.title, record.folder.partition("_")[2].partition("_")[2], head


def wait_for_title(data_dir: Path, title: str) -> None:
    """Until the command has changed the title, which it does before it waits."""
    store = Archive(data_dir).open_store(SETTINGS)
    while store.record(ID).title != title:
        pass
    store.close()


def test_a_new_title_waits_for_the_closing_meeting(tmp_path):
    journal = ended_but_open(tmp_path)
    renamed = beside(tmp_path, "meetings", "rename", ID, "预算会")
    wait_for_title(tmp_path, "预算会")
    before = [path.name for path in (tmp_path / "meetings").iterdir()]
    journal.close()

    assert "预算会" in renamed()
    assert before[0].endswith("_周会")
    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")
    assert not (tmp_path / "running" / f"{ID}.lock").exists()
    assert {path.suffix for path in (tmp_path / "meetings").glob("*/audio/*")} == {".flac"}


def test_the_last_moment_of_closing_loses_no_title(tmp_path, monkeypatch):
    """The title changes after the closing process has looked at it, and before it releases the meeting."""
    release, finish = MeetingLock.release, []

    def rename_meanwhile(lock: MeetingLock) -> None:
        if not finish:
            finish.append(beside(tmp_path, "meetings", "rename", ID, "预算会"))
            wait_for_title(tmp_path, "预算会")
        release(lock)

    monkeypatch.setattr(MeetingLock, "release", rename_meanwhile)
    ended_but_open(tmp_path).close()
    finish[0]()

    assert titles(tmp_path) == ("预算会", "预算会", "# 预算会")


def test_a_closing_meeting_is_deleted_once_it_is_closed(tmp_path):
    journal = ended_but_open(tmp_path)
    deleted = beside(tmp_path, "meetings", "delete", ID, "--yes")
    journal.close()

    deleted()
    assert list((tmp_path / "meetings").iterdir()) == []


def test_a_look_at_a_lock_keeps_nobody_from_taking_it(tmp_path, monkeypatch):
    """A command that lists meetings looks at the lock of one that begins just then."""
    looks, flock = [True], fcntl.flock

    def looked_at(descriptor: int, operation: int) -> None:
        if operation & fcntl.LOCK_EX and looks.pop():
            looks.append(False)
            raise BlockingIOError
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", looked_at)
    MeetingLock(tmp_path, "m").release()

    assert not (tmp_path / "m.lock").exists()


DYING = """
import os, sys
from pathlib import Path
from tests.meeting.test_closing import *
data_dir = Path(sys.argv[1])
journal = ended_but_open(data_dir) if sys.argv[2] == "ended" else begin(data_dir)
store = Archive(data_dir).open_store(SETTINGS)
store.set_title(ID, "预算会")
os._exit(9)
"""


def died(data_dir: Path, when: str) -> None:
    """A process that was killed, after its meeting's end or before; the title had changed."""
    assert subprocess.run([sys.executable, "-c", DYING, data_dir, when], check=False).returncode == 9


def streamer(data_dir: Path, *arguments: str) -> str:
    command = [*arguments, "--data-dir", str(data_dir)]
    return CliRunner().invoke(app, command, catch_exceptions=False, env={"LC_ALL": "C.UTF-8"}).output


@pytest.mark.parametrize("named", [[], [ID]])
def test_what_a_process_left_that_died_while_it_closed_its_meeting_is_completed(tmp_path, named):
    died(tmp_path, "ended")
    assert json.loads(streamer(tmp_path, "meetings", "--json"))[0]["state"] == "unfinished"
    assert [one.id for one in tidy_up(SETTINGS, tmp_path, datetime.now(UTC))] == [ID]

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

    monkeypatch.setattr("streamer.archive.shutil.rmtree", interrupted)
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


def test_a_lock_of_a_meeting_that_is_no_more_is_no_unfinished_meeting(tmp_path):
    begin(tmp_path, meeting_id="20261120T063000Z-0001").close()
    (tmp_path / "running" / "nobody.lock").touch()

    assert [one.id for one in tidy_up(SETTINGS, tmp_path, datetime.now(UTC))] == ["20261120T063000Z-0001"]


def test_a_lock_file_that_cannot_be_deleted_is_named_and_locks_nothing(tmp_path):
    lock = MeetingLock(tmp_path, "m")
    file = (tmp_path / "m.lock").rename(tmp_path / "file")
    (tmp_path / "m.lock").mkdir()
    with pytest.raises(StoreError, match=r"cannot delete .*/m\.lock: Is a directory; `streamer recover` does it"):
        lock.release()
    (tmp_path / "m.lock").rmdir()
    file.rename(tmp_path / "m.lock")

    MeetingLock(tmp_path, "m").release()


def test_a_lock_file_that_was_taken_away_meanwhile_locks_nothing(tmp_path):
    """Whoever waited for a lock must not be content with the file that its holder has removed."""
    first = MeetingLock(tmp_path, "m")
    waiting: list[MeetingLock] = []
    thread = threading.Thread(target=lambda: waiting.append(MeetingLock(tmp_path, "m", patience_s=30)))
    thread.start()
    first.release()
    thread.join(30)

    with pytest.raises(Exception, match="in use by another streamer"):
        MeetingLock(tmp_path, "m")
    waiting[0].release()
