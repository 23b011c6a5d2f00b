"""Stores that take no captions: what becomes of these."""

from __future__ import annotations

import sqlite3
from datetime import timedelta

import pytest

from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.errors import StoreError
from streamer.meeting.aside import AsideFile, read_aside
from streamer.meeting.journal import MeetingJournal
from streamer.minutes import moment_of
from streamer.offline.recovery import recover
from streamer.types import SAMPLE_RATE, MarkAdded, MeetingEnded
from tests.meeting.material import START, STARTED, final, frame
from tests.meeting.refused import LostSound, impatient, texts
from tests.virtual_clock import Hands


def test_finals_wait_for_a_lock_of_another_process_and_keep_their_order(tmp_path):
    clock = Hands()
    journal = open_meeting(impatient(), tmp_path, STARTED, clock=clock)
    other = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    for number in (1, 2):
        with pytest.raises(StoreError, match="another program holds its lock"):
            journal.record(final(number, f"第{number}句", number, number + 1))
    with pytest.raises(StoreError, match="another program holds its lock"):
        journal.append(frame(0))
    assert texts(tmp_path) == []

    other.execute("ROLLBACK")
    other.close()
    clock.seconds = 2.0
    journal.append(frame(1))
    assert texts(tmp_path) == ["第1句", "第2句"], "the next frame tries again"
    journal.close()


def test_a_store_that_refuses_is_asked_again_once_a_second(tmp_path, monkeypatch):
    clock, asked = Hands(), []
    journal = open_meeting(impatient(), tmp_path, STARTED, clock=clock)

    def refuse(*_: object) -> None:
        asked.append(clock.seconds)
        raise StoreError("locked")

    with monkeypatch.context() as locked:
        locked.setattr(journal.store, "add", refuse)
        with pytest.raises(StoreError, match="locked"):
            journal.record(final(1, "第1句", 1, 2))
        for number, clock.seconds in enumerate((0.5, 0.99, 1.0, 1.5, 2.0)):
            with pytest.raises(StoreError, match="locked"):
                journal.append(frame(number))
    clock.seconds = 2.3
    journal.record(final(2, "第2句", 2, 3))
    clock.seconds = 2.4
    journal.append(frame(5))  # it takes them now, and nothing is told of it any more
    journal.close()

    assert asked == [0.0, 1.0, 2.0]
    assert texts(tmp_path) == ["第1句", "第2句"]


def test_finals_wait_for_a_store_that_was_moved_away(tmp_path):
    """SQLite would go on writing to the file that it has open, where nobody finds it."""
    clock = Hands()
    journal = open_meeting(impatient(), tmp_path, STARTED, clock=clock)
    journal.record(final(1, "第1句", 1, 2))
    moved = (tmp_path / "streamer.db").rename(tmp_path / "moved.db")
    with pytest.raises(StoreError, match=r"streamer\.db was deleted or moved while it was in use; put it back"):
        journal.record(final(2, "第2句", 2, 3))
    moved.rename(tmp_path / "streamer.db")
    clock.seconds = 2.0
    journal.append(frame(0))
    journal.close()

    assert texts(tmp_path) == ["第1句", "第2句"]


def test_finals_are_put_aside_where_another_file_lies_in_the_stores_place(tmp_path):
    journal = open_meeting(impatient(), tmp_path, STARTED)
    (tmp_path / "streamer.db").rename(tmp_path / "moved.db")
    (tmp_path / "streamer.db").touch()
    with pytest.raises(StoreError, match="was deleted or moved"):
        journal.record(final(1, "第1句", 1, 2))
    with pytest.raises(StoreError, match=r"captions \(1\) and the end are not in the meeting"):
        journal.close()

    (aside,) = tmp_path.glob("meetings/*/*.jsonl")
    assert [event for event, _ in read_aside(aside)] == [final(1, "第1句", 1, 2)]


def test_close_reports_what_could_not_be_stored_and_releases_the_meeting(tmp_path):
    journal = open_meeting(impatient(), tmp_path, STARTED)
    record = journal.store.record(STARTED.meeting_id)
    with sqlite3.connect(tmp_path / "streamer.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError):
            journal.record(final(1, "没存上", 0, 1))
        with pytest.raises(StoreError):
            journal.close()
        other.execute("ROLLBACK")
    other.close()
    journal.close()  # once more is safe

    assert not Archive(tmp_path).is_running(record)


def test_what_neither_the_store_nor_the_recording_took_is_told_in_two_lines(tmp_path, monkeypatch):
    def refuse(*_: object) -> None:
        raise StoreError("locked")

    opened = open_meeting(impatient(), tmp_path, STARTED)
    journal = MeetingJournal(opened.store, LostSound(), STARTED.meeting_id, on_close=lambda: None)
    with monkeypatch.context() as locked:
        locked.setattr(opened.store, "add", refuse)
        with pytest.raises(StoreError, match="locked"):
            journal.record(final(1, "没存上", 0, 1))
        with pytest.raises(StoreError) as told:
            journal.close()
    opened.close()

    assert str(told.value) == (
        "captions (1) and the end are not in the meeting: locked; no other disk took them: copy the captions from the "
        "screen now\n2.0 s of sound were not recorded"
    )


def test_what_a_store_refuses_to_the_end_is_put_back_by_recovery(tmp_path):
    journal = open_meeting(impatient(), tmp_path, STARTED)
    with sqlite3.connect(tmp_path / "streamer.db", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        for event in (final(1, "没存上", 0, 1), MeetingEnded(SAMPLE_RATE, START + timedelta(seconds=1))):
            with pytest.raises(StoreError):
                journal.record(event)
        with pytest.raises(
            StoreError, match=r"captions \(1\) and the end are not in the meeting: .* holds its lock"
        ) as told:
            journal.close()
        other.execute("ROLLBACK")
    other.close()
    archive = Archive(tmp_path)
    store = archive.open_store(impatient())
    record = store.record(STARTED.meeting_id)
    (aside,) = archive.folder(record).glob("*.jsonl")
    report = recover(archive, store, record, impatient())
    store.close()

    assert str(told.value).endswith(
        f"they lie in {aside}; once that is mended, before this machine restarts, "
        f"`streamer recover {record.id} --data-dir {tmp_path}` puts them back"
    )
    assert (report.put_back, report.record.end_sample, texts(tmp_path)) == (1, SAMPLE_RATE, ["没存上"])
    assert not aside.exists()


def test_what_was_put_aside_of_a_meeting_that_has_its_end_is_deleted(tmp_path):
    """A crash came between its end, which the store has, and the file's deletion."""
    journal = open_meeting(impatient(), tmp_path, STARTED)
    end = MeetingEnded(0, START)
    journal.record(end)
    journal._owned.pop_all()
    journal._recording.close()
    archive = Archive(tmp_path)
    record = journal.store.record(STARTED.meeting_id)
    aside = AsideFile(record.id, [archive.folder(record)])
    aside.keep([(end, ())])
    aside.close()
    (archive.running / f"{record.id}.lock").unlink()
    (archive.running / f"{record.id}.lock").touch()
    recover(archive, journal.store, record, impatient())
    journal.store.close()

    assert not list(archive.folder(record).glob("*.jsonl"))


def test_what_is_stored_already_is_not_put_back_twice(tmp_path):
    journal = open_meeting(impatient(), tmp_path, STARTED)
    mark = MarkAdded(0, START + timedelta(microseconds=1_062), "决定")
    journal.record(mark)
    journal.close()
    archive = Archive(tmp_path)
    store = archive.open_store(impatient())
    record = store.record(STARTED.meeting_id)
    aside = AsideFile(record.id, [archive.folder(record)])  # as a crash leaves it before it is deleted
    aside.keep([(mark, ())])
    aside.close()
    report = recover(archive, store, record, impatient())
    moments = store.moments(record.id)
    store.close()

    assert (report.put_back, moments) == (0, (moment_of(mark),))
    assert not list(archive.folder(record).glob("*.jsonl"))
