from __future__ import annotations

import sqlite3
import subprocess
import sys

import pytest

from streamer.errors import StoreError
from streamer.meeting.database import Database
from streamer.meeting.migrations import MIGRATIONS, migrate
from tests.disks import small_disk


def test_a_store_is_durable_by_its_settings(tmp_path):
    database = Database(tmp_path / "streamer.db")
    with database.transaction() as connection:
        found = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")]
        keys = connection.execute("PRAGMA foreign_keys").fetchone()[0]
    database.close()

    assert found == ["wal", 2]
    assert keys == 1


def test_what_may_be_written_again_is_not_synced_and_what_comes_after_it_is(tmp_path):
    database = Database(tmp_path / "streamer.db")
    found = []
    for durable in (True, False, True):
        with database.transaction(durable=durable) as connection:
            found += connection.execute("PRAGMA synchronous").fetchone()
    database.close()

    assert found == [2, 1, 2]  # FULL, NORMAL, FULL


def test_a_connection_keeps_64_pages_however_long_the_meeting(tmp_path):
    database = Database(tmp_path / "streamer.db")
    (kibibytes,) = next(database.rows("PRAGMA cache_size"))
    (page,) = next(database.rows("PRAGMA page_size"))
    database.close()

    assert -kibibytes * 1024 == 64 * page


def test_an_older_store_is_migrated_with_what_it_holds(tmp_path):
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    migrate(connection, ("CREATE TABLE notes (text TEXT);",))
    connection.execute("INSERT INTO notes VALUES ('旧')")
    migrate(connection, ("CREATE TABLE notes (text TEXT);", "ALTER TABLE notes ADD COLUMN at TEXT DEFAULT 'x';"))

    assert connection.execute("SELECT text, at FROM notes").fetchall() == [("旧", "x")]
    assert connection.execute("PRAGMA user_version").fetchone() == (2,)
    connection.close()


def test_a_failed_migration_changes_nothing(tmp_path):
    connection = sqlite3.connect(tmp_path / "old.db", isolation_level=None)
    with pytest.raises(sqlite3.OperationalError):
        migrate(connection, ("CREATE TABLE notes (text TEXT);\nCREATE TABLE notes (text TEXT);",))

    assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)
    assert connection.execute("PRAGMA user_version").fetchone() == (0,)
    connection.close()


def test_a_full_disk_is_told_while_the_store_is_made(tmp_path):
    """SQLite rolls back by itself there; what it says must not be lost behind a second error."""
    with small_disk(tmp_path / "disk", "64k") as disk:
        (disk / "other").write_bytes(bytes(16 * 1024))
        with pytest.raises(StoreError, match="the disk is full; free some space"):
            Database(disk / "streamer.db")


def test_a_newer_store_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    migrate(connection, (*MIGRATIONS, "CREATE TABLE more (x);"))
    connection.close()

    versions = f"schema version {len(MIGRATIONS) + 1}, this streamer knows {len(MIGRATIONS)}: it was made by a newer"
    with pytest.raises(StoreError, match=versions):
        Database(tmp_path / "streamer.db")


def test_another_programs_database_is_refused(tmp_path):
    connection = sqlite3.connect(tmp_path / "streamer.db")
    connection.execute("PRAGMA application_id = 77")
    connection.execute("CREATE TABLE t (x)")
    connection.commit()
    connection.close()

    with pytest.raises(StoreError, match="another program's SQLite database"):
        Database(tmp_path / "streamer.db")


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "streamer.db").write_bytes(b"minutes of 2026\n" * 300)

    with pytest.raises(StoreError, match="no SQLite database; move it away"):
        Database(tmp_path / "streamer.db")


def test_a_failed_transaction_changes_nothing(tmp_path):
    database = Database(tmp_path / "streamer.db")
    with pytest.raises(StoreError, match="no such table"), database.transaction() as connection:  # noqa: PT012
        connection.execute("INSERT INTO outbox (meeting_id, topic, payload, created_at) VALUES ('m', 't', 'p', 'n')")
        connection.execute("INSERT INTO nowhere VALUES (1)")

    assert list(database.rows("SELECT count(*) FROM outbox")) == [(0,)]
    database.close()


def test_a_new_store_may_be_opened_by_many_processes_at_once(tmp_path):
    code = "import sys, pathlib, streamer.meeting.database as d; d.Database(pathlib.Path(sys.argv[1]))"
    processes = [subprocess.Popen([sys.executable, "-c", code, tmp_path / "s.db"]) for _ in range(6)]

    assert [process.wait(60) for process in processes] == [0] * 6


def test_a_command_that_comes_and_goes_takes_nothing_away_from_a_running_meeting(tmp_path):
    """The journal and the minutes of a meeting have a connection each; closing a third one must not end their locks."""
    path = tmp_path / "streamer.db"
    command = (
        "import sys; from pathlib import Path; from streamer.meeting.database import Database\n"
        "database = Database(Path(sys.argv[1]))\n"
        "print(len(list(database.rows('SELECT id FROM outbox')))); database.close()"
    )
    journal, minutes = Database(path), Database(path)
    seen = []
    for _ in range(3):
        with journal.transaction() as connection:
            connection.execute("INSERT INTO outbox (meeting_id, topic, payload, created_at) VALUES ('m', 't', '', '')")
        told = subprocess.run([sys.executable, "-c", command, path], check=True, capture_output=True, text=True)
        seen.append(int(told.stdout))
    minutes.close()
    journal.close()

    assert seen == [1, 2, 3]


@pytest.mark.filterwarnings("error::pytest.PytestUnraisableExceptionWarning")
def test_rows_that_nobody_read_to_the_end_are_no_error_once_the_store_is_closed(tmp_path):
    """What failed while a meeting was read is told with the rest of the rows in its hands, after all else is closed."""
    database = Database(tmp_path / "streamer.db")
    rows = database.rows("SELECT 1 UNION SELECT 2")
    next(rows)
    database.close()
    rows.close()


def test_deleted_text_is_not_left_in_the_file(tmp_path, monkeypatch):
    connect = sqlite3.connect

    def keeping(*arguments, **options):
        connection = connect(*arguments, **options)
        connection.execute("PRAGMA secure_delete = OFF")  # as SQLite is where it was not built as Debian's
        return connection

    monkeypatch.setattr(sqlite3, "connect", keeping)
    path = tmp_path / "streamer.db"
    database = Database(path)
    with database.transaction() as connection:
        connection.execute("CREATE TABLE notes (text TEXT)")
        connection.execute("INSERT INTO notes VALUES ('said in confidence')")
    with database.transaction() as connection:
        connection.execute("DELETE FROM notes")
    database.close()

    assert b"said in confidence" not in path.read_bytes()


def test_a_store_that_another_process_is_just_making_is_waited_for(tmp_path, monkeypatch):
    path = tmp_path / "streamer.db"
    maker = sqlite3.connect(path, isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")
    waited = []

    def ends(seconds):
        waited.append(seconds)
        maker.execute("COMMIT")

    monkeypatch.setattr("streamer.meeting.database.time.sleep", ends)
    database = Database(path)
    (mode,) = next(database.rows("PRAGMA journal_mode"))
    database.close()
    maker.close()

    assert mode == "wal"
    assert len(waited) == 1


def test_a_store_that_stays_locked_while_it_is_opened_is_given_up(tmp_path):
    path = tmp_path / "streamer.db"
    maker = sqlite3.connect(path, isolation_level=None)
    maker.execute("BEGIN IMMEDIATE")

    with pytest.raises(StoreError, match="another program holds its lock"):
        Database(path, busy_ms=0)

    maker.close()
