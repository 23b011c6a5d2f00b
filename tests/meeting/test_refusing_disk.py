from __future__ import annotations

import contextlib
from dataclasses import replace
from datetime import timedelta

import pytest

from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.audio.pieces import pieces_of, recorded_spans
from streamer.errors import RecordingError, StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun, MeetingEnded
from tests.disks import file_size_limit, remount, small_disk
from tests.meeting.material import START, STARTED, final, frame
from tests.meeting.refused import impatient, texts
from tests.virtual_clock import Hands


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
