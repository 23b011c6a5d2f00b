from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import pytest

from streamer.sinks.minutes import seals
from streamer.sinks.minutes.seals import is_sealed, seal, seal_whole
from tests.disks import locked

TEXT = "第三季度预算".encode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    with (tmp_path / "minutes.txt").open("wb") as file:
        file.write(TEXT)
        seal(file, hashlib.sha256(TEXT).digest())
    return tmp_path / "minutes.txt"


def test_a_sealed_file_holds_what_was_written_here(path):
    assert is_sealed(path)


def test_what_others_code_wrote_is_sealed_as_a_whole(tmp_path):
    path = tmp_path / "sound.wav"
    path.write_bytes(TEXT)

    assert seal_whole(path) == hashlib.sha256(TEXT).digest()
    assert is_sealed(path)


def test_what_is_the_same_as_what_is_to_be_written_counts_as_sealed_whoever_wrote_it(path):
    path.write_bytes(TEXT)

    assert not is_sealed(path, hashlib.sha256(b"").digest())
    assert is_sealed(path, hashlib.sha256(TEXT).digest())


@pytest.mark.parametrize(
    ("now", "dated"),
    [(1_790_000_000_184_099, 1_789_999_999_184_100), (1_790_000_000_184_100, 1_790_000_000_184_100)],
)
def test_a_seal_lies_within_the_last_second_at_microseconds_that_never_change(tmp_path, monkeypatch, now, dated):
    """Of a text they are the same in all versions: what one has sealed the next one knows."""
    monkeypatch.setattr(seals.time, "time_ns", lambda: now * 1000 + 999)
    with (tmp_path / "minutes.txt").open("wb") as file:
        seal(file, hashlib.sha256(TEXT).digest())

    assert (tmp_path / "minutes.txt").stat().st_mtime_ns == dated * 1000


def test_a_copy_with_its_times_is_sealed_too(path):
    shutil.copy2(path, path.with_name("copy.txt"))

    assert is_sealed(path.with_name("copy.txt"))


def test_what_somebody_saved_is_not_sealed(path):
    before = path.stat()
    path.write_bytes("第四季度预算".encode())
    assert not is_sealed(path)

    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert not is_sealed(path), "though it has the time of the version before"


def test_of_what_may_not_be_read_nobody_knows_whether_it_is_sealed(path):
    with locked(path):
        assert not is_sealed(path)


def test_what_is_dated_by_whole_seconds_is_not_sealed(path):
    os.utime(path, (1_790_000_000, 1_790_000_000))

    assert not is_sealed(path)
