"""Which meetings a process works on, and which one left that died."""

from __future__ import annotations

import pytest

from streamer.errors import StoreError
from streamer.meeting.locks import MeetingLock, is_left, is_locked, left_locks


def test_a_lock_is_seen_by_others_until_it_is_given_back(tmp_path):
    assert not is_locked(tmp_path, "m")
    lock = MeetingLock(tmp_path, "m")
    assert is_locked(tmp_path, "m")
    assert not is_left(tmp_path, "m")
    with pytest.raises(StoreError, match="meeting m is in use by another streamer; wait for its end"):
        MeetingLock(tmp_path, "m", patience_s=0)
    lock.release()

    assert not is_locked(tmp_path, "m")
    assert list(tmp_path.iterdir()) == []


def test_a_lock_whose_file_stays_says_that_something_is_left_to_do(tmp_path):
    lock = MeetingLock(tmp_path, "m")
    lock.leave()

    assert is_left(tmp_path, "m")
    assert not is_locked(tmp_path, "m")
    assert not is_left(tmp_path, "another")


def test_the_meetings_of_processes_that_died_are_named_in_order(tmp_path):
    for name in ("2", "1", "3"):
        (tmp_path / f"{name}.lock").touch()
    (tmp_path / "notes.txt").touch()
    held = MeetingLock(tmp_path, "2")

    assert left_locks(tmp_path) == ("1", "3")
    held.release()


def test_a_lock_whose_file_somebody_has_deleted_can_be_given_back(tmp_path):
    lock = MeetingLock(tmp_path, "m")
    (tmp_path / "m.lock").unlink()
    lock.release()

    MeetingLock(tmp_path, "m").release()


def test_locks_and_their_folder_are_their_owners(tmp_path):
    lock = MeetingLock(tmp_path / "running", "m")

    assert [path.stat().st_mode & 0o777 for path in (tmp_path / "running", tmp_path / "running" / "m.lock")] == [
        0o700,
        0o600,
    ]
    lock.release()
