from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.errors import StoreError
from streamer.meeting.fullness import fullness_told
from tests.disks import small_disk
from tests.meeting.journals import open_journal, settings
from tests.meeting.material import STARTED

OTHER = replace(STARTED, meeting_id="20261120T063001Z-0000")


def fill(disk: Path) -> None:
    with suppress(OSError), (disk / "filling").open("wb", buffering=0) as filling:
        while True:
            filling.write(bytes(4096))


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", "1m") as folder:
        yield folder


def told(data_dir: Path) -> str:
    return f"the disk of the data folder {data_dir} is full; free some space, or name a folder on another disk with --d"


def test_a_first_meeting_on_a_full_disk_is_refused_with_what_helps(disk: Path) -> None:
    fill(disk)

    with pytest.raises(StoreError, match=told(disk / "data")):
        open_journal(disk / "data")


def test_so_is_a_later_one(disk: Path) -> None:
    open_journal(disk).close()
    fill(disk)

    with pytest.raises(StoreError, match=told(disk)):
        open_meeting(settings(), disk, OTHER)


def test_what_another_connection_to_the_store_holds_there_is_no_other_program(disk: Path) -> None:
    """Without room for the file that they share one connection has the store alone, as that of a broadcast."""
    open_journal(disk).close()
    fill(disk)
    impatient = settings(busy_ms=1)

    with closing(Archive(disk).open_store(impatient).database), pytest.raises(StoreError, match=told(disk)):
        open_meeting(impatient, disk, OTHER)


@pytest.mark.parametrize("cause", [OSError(errno.EACCES, ""), None])
def test_what_has_another_cause_is_told_as_it_is(tmp_path: Path, cause: OSError | None) -> None:
    with pytest.raises(StoreError, match=r"^refused$"), fullness_told(tmp_path):
        raise StoreError("refused") from cause
