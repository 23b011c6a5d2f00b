"""Recordings whose disk is full, or whose folder goes."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from streamer.audio.pieces import pieces_of, read_sound, recorded_spans
from streamer.audio.recording import Recording
from streamer.audio.waiting import WAITING_FRAMES
from streamer.errors import StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun
from tests.audio.recorded import options, record, record_refused
from tests.disks import file_size_limit, remount, small_disk
from tests.meeting.material import frame, sound
from tests.virtual_clock import Hands


def fill_and_recover(folder: Path, free: Callable[[], None]) -> None:
    """A disk that refuses for 10 s, then has room again."""
    clock = Hands()
    recording = Recording(folder, options(piece_samples=60 * SAMPLE_RATE, compress=False), clock)
    clock.seconds = 1.0
    refusals = record_refused(recording, 0, 3000)
    assert 0 < refusals < 3000
    assert recording.read(900_000, 960_000) == sound(900_000, 960_000), "waiting sound can be decoded"
    written = recorded_spans(pieces_of(folder))[0][1]
    assert read_sound(pieces_of(folder), 0, written) == sound(0, written), "what was written is whole"

    free()
    clock.seconds = 3.0
    record(recording, 3000, 50)
    recording.close()
    assert recorded_spans(pieces_of(folder)) == ((0, 976_000),)
    assert read_sound(pieces_of(folder), 0, 976_000) == sound(0, 976_000)


def test_a_full_disk_loses_nothing_once_there_is_room(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as folder:
        fill_and_recover(folder, lambda: remount(folder, "size=8m"))


def recording_in(folder: Path, clock: Hands, place: Path) -> Recording:
    """Frames 0 to 99 are in ``folder``; where that is gone, the recording goes on in ``place``."""

    def find() -> Path:
        place.mkdir(exist_ok=True)
        return place

    folder.mkdir()
    recording = Recording(folder, options(compress=False), clock, find)
    record(recording, 0, 100)
    return recording


def test_a_recording_whose_folder_was_deleted_goes_on_in_one_that_is_made_anew(tmp_path):
    clock, folder = Hands(), tmp_path / "audio"
    recording = recording_in(folder, clock, folder)
    shutil.rmtree(folder)
    with pytest.raises(StoreError, match=r"its folder was moved or deleted; it is made anew \(.*/audio\)"):
        recording.append(frame(100))
    clock.seconds = 1.0
    record(recording, 101, 99)
    recording.close()

    assert recorded_spans(pieces_of(folder)) == ((32_000, 64_000),)
    assert read_sound(pieces_of(folder), 32_000, 64_000) == sound(32_000, 64_000)


def test_a_recording_whose_folder_was_renamed_goes_on_there(tmp_path):
    clock = Hands()
    recording = recording_in(tmp_path / "audio", clock, tmp_path / "renamed")
    (tmp_path / "audio").rename(tmp_path / "renamed")
    assert record_refused(recording, 100, 1) == 1
    clock.seconds = 1.0
    record(recording, 101, 99)

    assert recording.read(0, 64_000) == sound(0, 64_000)
    recording.close()
    assert [(piece.start_sample, piece.end_sample) for piece in pieces_of(tmp_path / "renamed")] == [
        (0, 32_000),
        (32_000, 64_000),
    ]


def test_a_recording_that_finds_no_folder_waits_for_its_own(tmp_path):
    clock, folder = Hands(), tmp_path / "audio"
    recording = recording_in(folder, clock, tmp_path / "missing" / "audio")
    folder.rename(tmp_path / "elsewhere")
    assert record_refused(recording, 100, 1) == 1
    clock.seconds = 1.0
    with pytest.raises(StoreError, match="No such file or directory; put its folder back to where it was"):
        recording.append(frame(101))
    (tmp_path / "missing").mkdir()
    clock.seconds = 2.0
    record(recording, 102, 98)
    recording.close()

    assert recorded_spans(pieces_of(tmp_path / "missing" / "audio")) == ((32_000, 64_000),)


def test_a_file_size_limit_loses_nothing_once_it_is_raised(tmp_path):
    with file_size_limit(1_000_000) as raise_limit:
        fill_and_recover(tmp_path, raise_limit)


def test_of_sound_that_comes_together_a_full_disk_loses_the_oldest(tmp_path):
    with file_size_limit(640):
        recording = Recording(tmp_path, options(piece_samples=600 * SAMPLE_RATE, compress=False))
        record(recording, 0, 1)
        with pytest.raises(StoreError, match="File too large"):
            recording.append(FrameRun(sound(320, (1 + WAITING_FRAMES + 50) * FRAME_SAMPLES), 320))
    with pytest.raises(StoreError, match=r"^1\.0 s of sound were not recorded to .*: File too large"):
        recording.close()

    assert recorded_spans(pieces_of(tmp_path)) == ((0, 320), (51 * FRAME_SAMPLES, 3051 * FRAME_SAMPLES))


def test_a_disk_full_for_long_loses_the_oldest_waiting_sound_only(tmp_path):
    clock = Hands()
    with file_size_limit(64_000):
        recording = Recording(tmp_path, options(piece_samples=600 * SAMPLE_RATE, compress=False), clock)
        record_refused(recording, 0, 100 + WAITING_FRAMES + 50)
    clock.seconds = 2.0
    record(recording, 100 + WAITING_FRAMES + 50, 1)
    with pytest.raises(StoreError, match=r"^1\.0 s of sound were not recorded to .*: File too large"):
        recording.close()

    lost_until = (50 + 100) * FRAME_SAMPLES
    assert recorded_spans(pieces_of(tmp_path)) == ((0, 32_000), (lost_until, 3151 * FRAME_SAMPLES))


def test_sound_is_read_from_the_disk_and_from_what_waits_for_it(tmp_path):
    with file_size_limit(64_000):
        recording = Recording(tmp_path, options(piece_samples=600 * SAMPLE_RATE, compress=False), Hands())
        record(recording, 0, 100)
        assert record_refused(recording, 100, 50) == 50

        for first, end in (
            (28_800, 30_000),
            (28_800, 32_000),
            (28_800, 32_001),
            (31_999, 48_000),
            (32_000, 32_320),
            (40_000, 48_000),
        ):
            assert recording.read(first, end) == sound(first, end)
        with pytest.raises(StoreError, match="samples up to 48001 are not recorded yet"):
            recording.read(28_800, 48_001)
    recording.close()


def test_a_disk_that_refused_is_tried_again_a_second_later(tmp_path):
    clock = Hands()
    with file_size_limit(640) as raise_limit:
        recording = Recording(tmp_path, options(), clock)
        assert record_refused(recording, 0, 2) == 1
        raise_limit()
        clock.seconds = 0.99
        assert record_refused(recording, 2, 1) == 1
        clock.seconds = 1.0
        assert record_refused(recording, 3, 1) == 0
    recording.close()


def test_the_message_says_what_to_do_before_it_names_a_folder_that_may_be_long(tmp_path):
    with file_size_limit(640):
        recording = Recording(tmp_path, options())
        record(recording, 0, 1)
        with pytest.raises(StoreError) as refused:
            record(recording, 1, 1)
    assert str(refused.value) == (
        f"sound is not being recorded: File too large; raise the limit on file sizes (ulimit -f) ({tmp_path})"
    )
    recording.close()


def test_a_disk_that_cannot_make_sound_durable_is_named_at_the_end_and_the_files_are_released(tmp_path, monkeypatch):
    recording = Recording(tmp_path, options())
    record(recording, 0, 50)
    monkeypatch.setattr(os, "fsync", refused)
    with pytest.raises(StoreError, match=r"^sound is not being recorded: Input/output error; check the disk"):
        recording.close()
    monkeypatch.undo()
    recording.close()

    assert recorded_spans(pieces_of(tmp_path)) == ((0, 50 * FRAME_SAMPLES),)


def refused(_descriptor: int, _length: int = 0) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_what_a_failed_write_left_behind_moves_no_later_sound(tmp_path, monkeypatch):
    """The disk takes a part of a frame, and refuses to take it back."""
    with file_size_limit(1001) as raise_limit:
        recording = Recording(tmp_path, options(compress=False), Hands())
        record(recording, 0, 1)
        monkeypatch.setattr(os, "ftruncate", refused)
        with pytest.raises(StoreError, match="File too large"):
            record(recording, 1, 1)
        raise_limit()
        recording.close()

    assert read_sound(pieces_of(tmp_path), 0, 640) == sound(0, 640)
    assert recorded_spans(pieces_of(tmp_path)) == ((0, 640),)


def test_a_disk_that_refuses_as_a_piece_is_closed_loses_nothing_once_it_does_not(tmp_path, monkeypatch):
    """As a disk in the net may, whose quota is used up: the number of the closed file may be another file's by then."""
    clock, close = Hands(), os.close
    recording = Recording(tmp_path, options(piece_samples=SAMPLE_RATE, compress=False), clock)
    record(recording, 0, 50)
    recording.sync()

    def refuse_once(descriptor: int) -> None:
        close(descriptor)
        monkeypatch.setattr(os, "close", close)
        raise OSError(errno.EDQUOT, "Disk quota exceeded")

    monkeypatch.setattr(os, "close", refuse_once)
    assert record_refused(recording, 50, 1) == 1
    clock.seconds = 1.0
    record(recording, 51, 49)
    recording.close()

    assert recorded_spans(pieces_of(tmp_path)) == ((0, 32_000),)
    assert read_sound(pieces_of(tmp_path), 0, 32_000) == sound(0, 32_000)
