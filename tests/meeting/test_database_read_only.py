from __future__ import annotations

import shutil
import sqlite3

import pytest

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.migrations import MIGRATIONS, migrate
from tests.disks import remount, small_disk

NOTE = "INSERT INTO outbox (meeting_id, topic, payload, created_at) VALUES ('m', 't', '', '')"


def test_a_store_in_a_folder_that_may_only_be_read_can_be_read(tmp_path):
    with small_disk(tmp_path / "备份 一", "8m") as disk:
        database = Database(disk / "streamer.db")
        with database.transaction() as connection:
            connection.execute(NOTE)
        database.close()
        remount(disk, "ro")

        database = Database(disk / "streamer.db")
        assert list(database.rows("SELECT meeting_id FROM outbox")) == [("m",)]
        with pytest.raises(StoreError, match="the folder is not writable"), database.transaction() as connection:
            connection.execute(NOTE)
        database.close()


def test_a_store_of_an_older_streamer_in_a_folder_that_may_only_be_read_can_be_read(tmp_path):
    with small_disk(tmp_path / "old", "8m") as disk:
        connection = sqlite3.connect(disk / "streamer.db", isolation_level=None)
        migrate(connection, MIGRATIONS[:1])
        connection.execute(NOTE)
        connection.close()
        remount(disk, "ro")

        database = Database(disk / "streamer.db")
        assert list(database.rows("SELECT meeting_id, broker FROM outbox")) == [("m", "")]
        with pytest.raises(StoreError, match="the folder is not writable"), database.transaction() as connection:
            connection.execute(NOTE)
        database.close()


def test_on_a_disk_without_any_room_a_store_can_be_read_and_written_once_there_is_some(tmp_path):
    with small_disk(tmp_path / "disk", "1m") as disk:
        Database(disk / "streamer.db").close()
        with pytest.raises(OSError, match="No space left"):
            (disk / "other").write_bytes(bytes(2 << 20))

        database = Database(disk / "streamer.db")
        assert list(database.rows("SELECT meeting_id FROM outbox")) == []
        with pytest.raises(StoreError, match="the disk is full; free some space"), database.transaction() as connection:
            connection.execute(NOTE)
        (disk / "other").unlink()
        with database.transaction() as connection:
            connection.execute(NOTE)
        database.close()

        database = Database(disk / "streamer.db")
        assert list(database.rows("SELECT meeting_id FROM outbox")) == [("m",)]
        database.close()


def test_on_a_disk_that_takes_no_more_files_a_store_can_be_read(tmp_path):
    with small_disk(tmp_path / "disk", "1m,nr_inodes=4") as folder:
        Database(folder / "streamer.db").close()
        for name in ("a", "b"):
            (folder / name).touch()

        database = Database(folder / "streamer.db")
        assert list(database.rows("SELECT count(*) FROM meetings")) == [(0,)]
        with pytest.raises(StoreError, match=r"\(the disk takes no more files, see `df -i`; delete some\)$"):
            with database.transaction() as connection:
                connection.execute("DELETE FROM meetings")
        database.close()


def test_a_store_to_be_read_only_is_not_read_without_what_its_log_holds(tmp_path):
    """A copy that was made while a meeting ran, and without the file that SQLite needs for the log."""
    with small_disk(tmp_path / "disk", "8m") as disk:
        database = Database(tmp_path / "streamer.db")
        with database.transaction() as connection:
            connection.execute(NOTE)
        for name in ("streamer.db", "streamer.db-wal"):
            shutil.copy(tmp_path / name, disk)
        database.close()
        remount(disk, "ro")

        with pytest.raises(StoreError, match="the folder is not writable"):
            Database(disk / "streamer.db")
