"""Commands that come while a meeting is closing: it has ended, and its process still works on its files."""

from __future__ import annotations

import fcntl
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from streamer.archive.archive import Archive
from streamer.cli import app
from streamer.errors import StoreError
from streamer.meeting.locks import MeetingLock
from streamer.retention import unfinished_meetings
from tests.meeting.closing import ID, ended_but_open, titles
from tests.meeting.kept import SETTINGS, begin


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


def test_a_lock_of_a_meeting_that_is_no_more_is_no_unfinished_meeting(tmp_path):
    begin(tmp_path, meeting_id="20261120T063000Z-0001").close()
    (tmp_path / "running" / "nobody.lock").touch()

    assert [one.id for one in unfinished_meetings(SETTINGS, tmp_path)] == ["20261120T063000Z-0001"]


def test_a_lock_file_that_cannot_be_deleted_is_named_and_locks_nothing(tmp_path):
    lock = MeetingLock(tmp_path, "m")
    file = (tmp_path / "m.lock").rename(tmp_path / "file")
    (tmp_path / "m.lock").mkdir()
    with pytest.raises(StoreError, match=r"cannot delete .*/m\.lock: Is a directory; `streamer recover` does it"):
        lock.release()
    (tmp_path / "m.lock").rmdir()
    file.rename(tmp_path / "m.lock")

    MeetingLock(tmp_path, "m").release()


def test_a_lock_file_that_was_taken_away_meanwhile_locks_nothing(tmp_path, monkeypatch):
    """Whoever waited for a lock must not be content with the file that its holder has removed."""
    held, flock = [MeetingLock(tmp_path, "m")], fcntl.flock

    def released_meanwhile(descriptor: int, operation: int) -> None:
        if held:
            held.pop().release()
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", released_meanwhile)
    waited = MeetingLock(tmp_path, "m")

    with pytest.raises(StoreError, match="in use by another streamer"):
        MeetingLock(tmp_path, "m", patience_s=0)
    waited.release()
