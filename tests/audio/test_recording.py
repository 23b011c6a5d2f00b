from __future__ import annotations

import errno
import os
import sys
import tracemalloc
from pathlib import Path

import pytest
import soundfile

from streamer.audio.pieces import Piece, pieces_of, read_sound, recorded_spans
from streamer.audio.recording import Recording
from streamer.errors import StoreError
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun
from tests.audio.recorded import options, record
from tests.meeting.material import frame, sound
from tests.virtual_clock import Hands


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


def test_a_piece_is_durable_with_its_name_before_the_next_one_begins(tmp_path, monkeypatch):
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    recording = Recording(tmp_path, options(compress=False), Hands())
    record(recording, 0, 250)
    assert synced == []
    record(recording, 250, 1)

    assert len(synced) == 2  # the file, and its folder
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


def test_a_piece_that_the_disk_does_not_delete_is_deleted_later(tmp_path, monkeypatch):
    def refuse(_piece: Piece) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    recording = Recording(tmp_path, options(compress=False))
    record(recording, 0, 600)
    with monkeypatch.context() as broken:
        broken.setattr(Piece, "remove", refuse)
        with pytest.raises(StoreError, match="Input/output error"):
            recording.drop_before(160_000)
    assert recorded_spans(recording.pieces) == ((0, 192_000),)

    recording.drop_before(160_000)
    assert recorded_spans(recording.pieces) == recorded_spans(pieces_of(tmp_path)) == ((160_000, 192_000),)
    recording.close()


def test_sound_that_comes_together_is_recorded_however_long_it_is(tmp_path):
    """A file faster than the disk, or a disk that stood still: more waits than is kept of what the disk refuses."""
    recording = Recording(tmp_path, options(piece_samples=60 * SAMPLE_RATE, compress=False))
    recording.append(FrameRun(sound(0, 65 * SAMPLE_RATE), 0))
    recording.close()

    assert read_sound(pieces_of(tmp_path), 0, 65 * SAMPLE_RATE) == sound(0, 65 * SAMPLE_RATE)


def test_a_folder_may_have_any_name(tmp_path):
    """One from a system with another encoding, for example."""
    folder = tmp_path / os.fsdecode("录音".encode("gbk"))
    folder.mkdir()
    recording = Recording(folder, options())
    record(recording, 0, 260)
    recording.close()

    assert [piece.suffix for piece in pieces_of(folder)] == [".flac", ".flac"]
    assert read_sound(pieces_of(folder), 79_000, 81_000) == sound(79_000, 81_000)


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
