from __future__ import annotations

import contextlib
import sqlite3
from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.archive import Archive
from streamer.audio.pieces import pieces_of, recorded_spans
from streamer.errors import RecordingError, StoreError
from streamer.journals import open_meeting
from streamer.meeting.aside import AsideFile, read_aside
from streamer.minutes import moment_of
from streamer.recovery import recover
from streamer.settings import Settings, load_settings
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun, MarkAdded, MeetingEnded
from tests.disks import file_size_limit, remount, small_disk
from tests.meeting.material import START, STARTED, final, frame


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def impatient() -> Settings:
    return load_settings(overrides={"store": {"busy_ms": 50, "compress": False}})


def texts(data_dir) -> list[str]:
    store = Archive(data_dir).open_store(impatient())
    try:
        assert list(store.database.rows("PRAGMA integrity_check")) == [("ok",)]
        return [line.text for line in store.lines(STARTED.meeting_id)]
    finally:
        store.close()


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

    assert not Archive(tmp_path).is_running(record)


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


def test_what_is_stored_already_is_not_put_back_twice(tmp_path):
    journal = open_meeting(impatient(), tmp_path, STARTED)
    mark = MarkAdded(0, START, "决定")
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


def full_then_free(data_dir, free) -> None:
    """Fill the disk while a meeting runs, then make room; nothing said is lost and nothing damaged."""
    clock = Hands()
    journal = open_meeting(impatient(), data_dir, STARTED, clock=clock)
    refused = 0
    for number in range(2000):
        try:
            journal.append(frame(number))
        except StoreError:
            refused += 1
        if number % 20 == 19:
            try:
                journal.record(final(number // 20, f"第{number // 20}句" * 40, number / 50, number / 50 + 0.4))
            except StoreError:
                refused += 1
    assert refused > 0
    before = texts(data_dir)
    assert before == [f"第{number}句" * 40 for number in range(len(before))]

    free()
    clock.seconds = 5.0
    journal.record(MeetingEnded(2000 * 320, START + timedelta(seconds=40)))
    journal.close()
    assert texts(data_dir) == [f"第{number}句" * 40 for number in range(100)]


def test_a_full_disk(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as folder:
        full_then_free(folder, lambda: remount(folder, "size=8m"))


def test_sound_leaves_room_for_what_is_said(tmp_path):
    with small_disk(tmp_path / "disk", "64m") as folder:
        journal = open_meeting(impatient(), folder, STARTED, clock=Hands())
        second = FrameRun(bytes(2 * SAMPLE_RATE), 0)
        told = set()
        for number in range(2200):
            try:
                journal.append(replace(second, start_sample=number * SAMPLE_RATE))
            except StoreError as error:
                told.add(str(error).partition(": ")[2].partition(" (/")[0])
        assert told == {"the last 8 MB of the disk are kept for the captions; free some space"}
        for number in range(300):
            with pytest.raises(StoreError, match="sound is not being recorded"):
                journal.record(final(number, f"第{number}句" * 40, number / 50, number / 50 + 0.4))
        assert texts(folder) == [f"第{number}句" * 40 for number in range(300)]
        with pytest.raises(RecordingError, match=r"\d+\.0 s of sound were not recorded to .*: No space left"):
            journal.close()


def test_sound_that_waited_takes_the_room_of_captions_when_no_more_come(tmp_path):
    with small_disk(tmp_path / "disk", "64m") as folder:
        journal = open_meeting(impatient(), folder, STARTED, clock=Hands())
        record = journal.store.record(STARTED.meeting_id)
        filler = folder / "filler"
        filler.write_bytes(bytes(58 * 2**20))
        for number in range(100):
            with contextlib.suppress(StoreError):
                journal.append(frame(number))
        pieces = pieces_of(Archive(folder).audio(record))
        journal.close()
        assert (pieces, recorded_spans(pieces_of(Archive(folder).audio(record)))) == ((), ((0, 100 * FRAME_SAMPLES),))


def test_a_limit_on_file_sizes(tmp_path):
    with file_size_limit(250_000) as raise_limit:
        full_then_free(tmp_path, raise_limit)


def test_a_folder_on_a_read_only_disk_is_refused_by_name(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as folder:
        remount(folder, "ro")
        with pytest.raises(StoreError, match=r"cannot use the data folder .*: Read-only file system; make it read"):
            open_meeting(impatient(), folder / "data", STARTED)


def test_a_disk_that_turns_read_only_refuses_and_keeps_what_it_has(tmp_path):
    with small_disk(tmp_path / "disk", "2m") as folder:
        journal = open_meeting(impatient(), folder, STARTED)
        journal.append(frame(0))
        journal.record(final(1, "写上了", 0, 1))
        journal.close()
        remount(folder, "ro")
        with pytest.raises(StoreError, match="cannot"):
            open_meeting(impatient(), folder, type(STARTED)("other", "", "", "", "", START))
        remount(folder, "rw")
        assert texts(folder) == ["写上了"]


@pytest.mark.parametrize("folder", ["file", "file/data"])
def test_a_data_folder_that_is_a_file_is_refused(tmp_path, folder):
    (tmp_path / "file").write_text("")

    with pytest.raises(StoreError, match=r"the data folder .*: .* is a file; name a folder with --data-dir"):
        open_meeting(impatient(), tmp_path / folder, STARTED)
