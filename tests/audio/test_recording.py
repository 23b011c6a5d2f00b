from __future__ import annotations

import errno
import os
import shutil
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
import soundfile

from streamer.audio.pieces import pieces_of, read_sound, recorded_spans
from streamer.audio.recording import Recording
from streamer.audio.waiting import WAITING_FRAMES
from streamer.errors import StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun
from tests.audio.recorded import options, record, record_refused
from tests.disks import file_size_limit, remount, small_disk
from tests.meeting.material import frame, sound


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_closed_pieces_are_flac_with_the_same_samples(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 600)
    recording.close()

    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "000000000000.flac",
        "000000080000.flac",
        "000000160000.flac",
    ]
    assert read_sound(pieces_of(tmp_path), 0, 192_000) == sound(0, 192_000)
    pcm, rate = soundfile.read(tmp_path / "000000080000.flac", dtype="int16")
    assert (rate, pcm.tobytes()) == (16_000, sound(80_000, 160_000))


def test_frames_that_come_together_go_into_the_pieces_they_belong_to(tmp_path):
    recording = Recording(tmp_path, options(compress=False))
    recording.append(FrameRun(sound(0, 79_680), 0))
    recording.append(FrameRun(sound(79_680, 81_280), 79_680))
    recording.append(FrameRun(sound(82_240, 82_880), 82_240))

    assert [(piece.start_sample, piece.end_sample) for piece in recording.pieces] == [
        (0, 80_000),
        (80_000, 81_280),
        (82_240, 82_880),
    ]
    assert recording.read(79_360, 81_280) == sound(79_360, 81_280)
    recording.close()


def test_the_open_piece_is_raw_and_whole_up_to_the_last_frame(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 251)

    assert (tmp_path / "000000080000.pcm").read_bytes() == sound(80_000, 80_320)
    recording.close()


def test_sound_is_synced_once_the_clock_has_moved_on(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    clock = Hands()
    recording = Recording(tmp_path, options(sync_seconds=0.5), clock)
    for number in range(100):
        clock.seconds = number * 0.02
        recording.append(frame(number))

    # Each sync is the file's; the first also the folder's, because the file's name is new.
    assert len(synced) == 1 + 3
    recording.close()


def test_fast_sound_is_not_synced_for_each_of_its_seconds(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    recording = Recording(tmp_path, options(piece_samples=60 * SAMPLE_RATE), Hands())
    record(recording, 0, 500)

    assert synced == []
    recording.close()


def test_a_position_that_is_not_recorded_is_an_error(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 10)

    with pytest.raises(StoreError, match="samples 3200 to 3201 are not in the recording"):
        recording.read(0, 3201)
    recording.close()


def test_dropped_pieces_are_gone(tmp_path):
    recording = Recording(tmp_path, options())
    record(recording, 0, 800)
    recording.drop_before(160_000)

    assert recorded_spans(pieces_of(tmp_path)) == ((160_000, 256_000),)
    recording.close()


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
    assert recorded_spans(pieces_of(tmp_path / "renamed")) == ((0, 64_000),)


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


def test_sound_that_comes_together_is_recorded_however_long_it_is(tmp_path):
    """A file faster than the disk, or a disk that stood still: more waits than is kept of what the disk refuses."""
    recording = Recording(tmp_path, options(piece_samples=60 * SAMPLE_RATE, compress=False))
    recording.append(FrameRun(sound(0, 65 * SAMPLE_RATE), 0))
    recording.close()

    assert read_sound(pieces_of(tmp_path), 0, 65 * SAMPLE_RATE) == sound(0, 65 * SAMPLE_RATE)


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


def test_a_folder_may_have_any_name(tmp_path):
    """One from a system with another encoding, for example."""
    folder = tmp_path / os.fsdecode("录音".encode("gbk"))
    folder.mkdir()
    recording = Recording(folder, options())
    record(recording, 0, 260)
    recording.close()

    assert [piece.suffix for piece in pieces_of(folder)] == [".flac", ".flac"]
    assert read_sound(pieces_of(folder), 79_000, 81_000) == sound(79_000, 81_000)


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


def test_of_a_closed_piece_little_is_kept(tmp_path: Path) -> None:
    """A meeting of a day has 1,440 of them."""
    recording = Recording(tmp_path, options(piece_samples=FRAME_SAMPLES, compress=False))
    record(recording, 0, 20)
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        record(recording, 20, 100)
        kept = tracemalloc.get_traced_memory()[0] - before
    finally:
        tracemalloc.stop()
    recording.close()

    assert kept < 100 * 256


def test_pieces_that_come_have_no_names_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Python's table of names doubles, by a megabyte, once enough of them have come and gone."""
    recording = Recording(tmp_path, options())
    remembered: list[str] = []

    def intern(name: str) -> str:
        remembered.append(name)
        return name

    monkeypatch.setattr(sys, "intern", intern)
    record(recording, 0, 600)
    read = recording.read(0, 192_000)
    recording.drop_before(80_000)
    recording.close()

    assert read == sound(0, 192_000)
    assert [name for name in remembered if name.startswith("0000")] == []
