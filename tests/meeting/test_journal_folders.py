"""The folder that a meeting gets."""

from __future__ import annotations

import errno
import os
import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest

from streamer.archive.journals import open_meeting
from streamer.errors import StoreError
from tests.meeting.journals import append, open_journal, settings
from tests.meeting.material import START, STARTED, final


def test_a_meeting_that_cannot_begin_leaves_nothing_behind(tmp_path):
    open_journal(tmp_path).close()
    with pytest.raises(StoreError, match="UNIQUE constraint failed"):
        open_journal(tmp_path)

    assert len(list((tmp_path / "meetings").iterdir())) == 1


@pytest.mark.parametrize("refused", ["fsync", "mkdir"])
def test_a_meeting_whose_folder_a_full_disk_does_not_take_leaves_nothing_behind(tmp_path, monkeypatch, refused):
    open_journal(tmp_path).close()
    calls = {"fsync": os.fsync, "mkdir": Path.mkdir}

    def refuse(at, *args, **kwargs):
        if refused == "fsync" or at.name == "audio":
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        calls[refused](at, *args, **kwargs)

    monkeypatch.setattr(os if refused == "fsync" else Path, refused, refuse)
    with pytest.raises(StoreError, match=f"the disk of the data folder {tmp_path} is full; free some space, or name"):
        open_meeting(settings(), tmp_path, replace(STARTED, meeting_id="20261120T063001Z-0000"))

    assert len(list((tmp_path / "meetings").iterdir())) == 1


def test_folders_and_files_are_private(tmp_path):
    journal = open_journal(tmp_path / "data", piece_s=5)
    append(journal, 7)
    journal.record(final(1, "好", 0, 1))
    modes = {(path.name, path.is_dir(), oct(path.stat().st_mode & 0o777)) for path in tmp_path.rglob("*")}
    journal.close()

    files = {name for name, is_folder, _ in modes if not is_folder}
    assert {"streamer.db", "streamer.db-wal", "streamer.db-shm", "000000000000.flac", "000000080000.pcm"} <= files
    assert {mode for _, is_folder, mode in modes if not is_folder} == {"0o600"}
    assert {mode for _, is_folder, mode in modes if is_folder} == {"0o700"}


def test_two_meetings_of_one_title_and_minute_have_two_folders(tmp_path):
    first = open_journal(tmp_path)
    other = open_meeting(settings(), tmp_path, type(STARTED)("other", "周会", "r", "d", "p", START))
    folders = [one.folder for one in first.store.records()]
    first.close()
    other.close()

    assert sorted(folders) == sorted({folders[0].removesuffix("_2"), folders[0].removesuffix("_2") + "_2"})


def test_a_meeting_begins_where_one_of_its_minute_and_title_was_deleted_by_hand(tmp_path):
    open_journal(tmp_path).close()
    (deleted,) = (tmp_path / "meetings").iterdir()
    shutil.rmtree(deleted)
    open_meeting(settings(), tmp_path, replace(STARTED, meeting_id="20261120T063001Z-0000")).close()

    assert [one.name for one in (tmp_path / "meetings").iterdir()] == [f"{deleted.name}_2"]


@pytest.mark.parametrize("title", ["", "../../etc/passwd", "a/b\\c:\x00\x1b[31m", "周" * 300, "CON", "..."])
def test_any_title_makes_one_folder(tmp_path, title):
    journal = open_meeting(settings(), tmp_path, type(STARTED)("m", title, "r", "d", "p", START))
    record = journal.store.record("m")
    journal.close()

    assert [path.name for path in (tmp_path / "meetings").iterdir()] == [record.folder]
    assert record.title == title


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")
def test_a_data_folder_may_lie_in_one_that_its_owner_cannot_list():
    """As folders of users on a shared machine do."""
    with tempfile.TemporaryDirectory() as name:
        above = Path(name)
        above.chmod(0o711)
        (above / "data").mkdir()
        os.chown(above / "data", 65_534, -1)
        os.seteuid(65_534)
        try:
            open_journal(above / "data").close()
        finally:
            os.seteuid(0)
        assert len(list((above / "data" / "meetings").iterdir())) == 1
