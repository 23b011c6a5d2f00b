from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from streamer.audio import compression
from streamer.audio.compression import compress
from streamer.audio.pieces import pieces_of, read_sound, recorded_spans
from streamer.audio.recording import Recording
from streamer.errors import StoreError
from tests.audio.recorded import options, record, record_refused
from tests.disks import remount, small_disk
from tests.meeting.material import sound


def test_compression_can_be_off(tmp_path):
    recording = Recording(tmp_path, options(compress=False))
    record(recording, 0, 260)
    recording.close()

    assert [piece.suffix for piece in pieces_of(tmp_path)] == [".pcm", ".pcm"]
    assert read_sound(pieces_of(tmp_path), 79_000, 81_000) == sound(79_000, 81_000)


def test_a_half_compressed_piece_is_compressed_again(tmp_path):
    (tmp_path / "000000000000.pcm").write_bytes(sound(0, 16_000))
    (tmp_path / "000000000000.part").write_bytes(b"fLaC half")
    Recording(tmp_path, options()).close()

    assert [path.name for path in tmp_path.iterdir()] == ["000000000000.flac"]
    assert read_sound(pieces_of(tmp_path), 0, 16_000) == sound(0, 16_000)


def test_memory_is_given_back_after_a_piece_was_compressed(tmp_path, monkeypatch):
    given: list[list[str]] = []
    folder = lambda: given.append(sorted(path.name for path in tmp_path.iterdir()))  # noqa: E731
    monkeypatch.setattr("streamer.audio.compression.give_memory_back", folder)
    recording = Recording(tmp_path, options())
    record(recording, 0, 251)
    recording.close()

    assert given == [
        ["000000000000.flac"],
        ["000000000000.flac", "000000080000.flac"],
    ]


def test_a_full_disk_keeps_raw_pieces_that_it_cannot_compress(tmp_path, caplog):
    with small_disk(tmp_path / "disk", "200k") as folder:
        recording = Recording(folder, options())
        assert record_refused(recording, 0, 400) > 0
        assert {path.suffix for path in folder.iterdir()} == {".pcm"}
        assert caplog.messages == [
            f"cannot compress {folder}/000000000000.pcm: No space left on device; it stays as it is"
        ]
        assert read_sound(pieces_of(folder), 0, 80_000) == sound(0, 80_000)
        remount(folder, "size=8m")
        recording.close()
        assert {path.suffix for path in folder.iterdir()} == {".flac"}
        assert recorded_spans(pieces_of(folder)) == ((0, 128_000),)


def test_a_disk_that_has_become_read_only_is_named_where_a_piece_cannot_be_compressed(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as folder:
        recording = Recording(folder, options(compress=False))
        record(recording, 0, 50)
        recording.close()
        remount(folder, "ro")
        with pytest.raises(StoreError, match=r"cannot compress .*: Read-only file system; it stays as it is"):
            compress(*pieces_of(folder))


def test_a_compressed_piece_with_other_samples_is_thrown_away_and_the_raw_one_stays(tmp_path, monkeypatch):
    for name in ("right", "wrong"):
        (tmp_path / name).mkdir()
    (tmp_path / "right" / "000000000000.pcm").write_bytes(sound(0, 160_000))
    (tmp_path / "wrong" / "000000000000.pcm").write_bytes(sound(0, 159_999) + b"\0\1")
    (right,), (wrong,) = pieces_of(tmp_path / "right"), pieces_of(tmp_path / "wrong")
    write = compression._write_flac
    monkeypatch.setattr(compression, "_write_flac", lambda descriptor, _piece: write(descriptor, wrong))
    with pytest.raises(StoreError, match=r"compressing .*/000000000000\.pcm changed its samples; it stays as it is"):
        compress(right)

    assert [path.name for path in (tmp_path / "right").iterdir()] == ["000000000000.pcm"]
    assert right.read(0, 160_000) == sound(0, 160_000)


def test_a_raw_piece_goes_only_when_the_compressed_one_and_its_name_are_durable(tmp_path, monkeypatch):
    (tmp_path / "000000000000.pcm").write_bytes(sound(0, 16_000))
    (piece,) = pieces_of(tmp_path)
    steps: list[str] = []

    def noting(name: str) -> None:
        call = getattr(os, name)

        def noted(what, *others) -> None:
            call(what, *others)
            of = ("folder" if stat.S_ISDIR(os.fstat(what).st_mode) else "file") if isinstance(what, int) else what[-5:]
            steps.append(f"{name} {of}")

        monkeypatch.setattr(os, name, noted)

    for name in ("fsync", "rename", "unlink"):
        noting(name)
    compress(piece)

    assert steps == ["fsync file", "rename .part", "fsync folder", "unlink 0.pcm"]


def test_compressing_leaves_nothing_open(tmp_path):
    """A meeting of a day has more pieces than a process may have files open."""
    for start in (0, 16_000):
        (tmp_path / f"{start:012d}.pcm").write_bytes(sound(start, start + 16_000))
    first, second = pieces_of(tmp_path)
    compress(first)
    before = len(list(Path("/proc/self/fd").iterdir()))
    compress(second)

    assert len(list(Path("/proc/self/fd").iterdir())) <= before  # what others left may be collected meanwhile


def test_a_piece_that_was_deleted_keeps_no_later_one_from_being_compressed(tmp_path, caplog):
    recording = Recording(tmp_path, options())
    record(recording, 0, 200)
    (tmp_path / "000000000000.pcm").unlink()
    record(recording, 200, 600)
    recording.close()

    assert [path.name for path in sorted(tmp_path.iterdir())] == [
        "000000080000.flac",
        "000000160000.flac",
        "000000240000.flac",
    ]
    assert [message.partition(": ")[0] for message in caplog.messages] == [
        f"cannot read the recording {tmp_path}/000000000000.pcm"
    ]
