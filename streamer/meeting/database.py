"""The connection to the meeting store: SQLite, durable at every commit."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from streamer.errors import StoreError
from streamer.meeting.migrations import is_older, make_quicker, migrate
from streamer.places import anything_at

FILE_NAME = "streamer.db"
"""Name of the store inside the data folder."""
_LOG = "PRAGMA journal_mode = WAL"
_BETWEEN_TRIES_S = 0.02
_CACHE_KIB = 256
"""Pages that a connection keeps, 200 finals. SQLite's 2 MB would fill up over a day; the system keeps the file too."""
_ALWAYS = ("PRAGMA foreign_keys = ON", "PRAGMA secure_delete = ON", f"PRAGMA cache_size = -{_CACHE_KIB}")
"""For every connection. What is deleted is overwritten: Debian's SQLite is built so, others may leave it there."""


class Database:
    """One connection. Used by one thread at a time; any number of processes may have their own.

    Writers wait ``busy_ms`` for each other; readers never wait. A store where nothing can be written, such as a backup
    or one on a disk that takes no more files, can be read.
    """

    def __init__(self, path: Path, busy_ms: int = 2000) -> None:
        """Open the store, creating or migrating it.

        Raises:
            StoreError: it cannot be opened, is damaged, locked, or newer than this program.
        """
        self.path = path
        self._busy_ms = busy_ms
        with self._translated():
            _create_private(path)
            try:
                self._connection = self._opened(str(path), _LOG)
            except sqlite3.OperationalError as error:
                if not os.access(path.parent, os.W_OK) or _is_out_of_inodes(path.parent):
                    self._connection = self._opened_to_read(path)
                elif error.sqlite_errorcode == sqlite3.SQLITE_IOERR_SHMSIZE:
                    # No room even for the file that processes share: alone, SQLite needs none. Meetings can be read,
                    # and deleted to make room.
                    self._connection = self._opened(str(path), "PRAGMA locking_mode = EXCLUSIVE", _LOG)
                else:
                    raise
            make_quicker(self._connection)
            self._file = path.stat()

    def wait_for_locks(self, milliseconds: int | None = None) -> None:
        """How long to wait for another process from now on; None: as at the beginning."""
        wait = self._busy_ms if milliseconds is None else milliseconds
        self._connection.execute(f"PRAGMA busy_timeout = {wait}")

    @contextmanager
    def transaction(self, *, durable: bool = True) -> Iterator[sqlite3.Connection]:
        """Write all or nothing; durable when the block ends.

        Where repeating the write after a power failure does no harm, ``durable=False`` saves the sync.

        Raises:
            StoreError: the disk refuses, another process holds the lock, or the file is not in its place any more;
                nothing is changed.
        """
        self._check_place()
        with self._translated():
            self._connection.execute(f"PRAGMA synchronous = {'FULL' if durable else 'NORMAL'}")
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                yield self._connection
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def rows(self, query: str, values: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
        """Rows of a query, as they are read.

        Raises:
            StoreError: the store cannot be read.
        """
        with self._translated():
            # Not "yield from": a generator that is given up would close the cursor, perhaps after the connection.
            for row in self._connection.execute(query, values):  # noqa: UP028
                yield row

    def close(self) -> None:
        """Release the files. Safe to call twice."""
        self._connection.close()

    def _check_place(self) -> None:
        """SQLite goes on writing to a file that was deleted or moved away, where nobody finds what was said."""
        try:
            if os.path.samestat(self.path.stat(), self._file):
                return
        except OSError:
            pass
        raise StoreError(
            f"the meeting store {self.path} was deleted or moved while it was in use; put it back to where it was"
        )

    def _opened(self, address: str, *statements: str) -> sqlite3.Connection:
        """A connection for which these statements were executed before all others."""
        connection = self._connected(address)
        try:
            for each in (*statements, *_ALWAYS):
                self._execute(connection, each)
            migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _opened_to_read(self, path: Path) -> sqlite3.Connection:
        """The store where nothing can be written; that of an older streamer is migrated in memory."""
        address = _read_only(path)
        with contextlib.closing(self._connected(address)) as stored:
            if not is_older(stored):
                return self._opened(address, "PRAGMA query_only = ON")
            copy = self._connected(":memory:")
            try:
                stored.backup(copy)
                migrate(copy)
                copy.execute("PRAGMA query_only = ON")
            except BaseException:
                copy.close()
                raise
            return copy

    def _connected(self, address: str) -> sqlite3.Connection:
        return sqlite3.connect(
            address,
            uri=address.startswith("file:"),
            timeout=self._busy_ms / 1000,
            isolation_level=None,
            check_same_thread=False,
        )

    def _execute(self, connection: sqlite3.Connection, statement: str) -> None:
        """Execute a statement, waiting for other processes also where SQLite does not.

        Two that turn to the log at once, as of a new store, could wait for each other: it refuses one of them at once.
        """
        until = time.monotonic() + self._busy_ms / 1000
        while True:
            try:
                connection.execute(statement)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= until:
                    raise
            else:
                return
            time.sleep(_BETWEEN_TRIES_S)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise StoreError(f"the meeting store {self.path} failed: {_explained(error, self.path.parent)}") from error


def _read_only(path: Path) -> str:
    """The address of a store beside which nothing can be written; its log is needed only where it holds something."""
    log = path.with_name(f"{path.name}-wal")
    is_needed = anything_at(log) and log.stat().st_size > 0
    return f"{path.absolute().as_uri()}?{'mode=ro' if is_needed else 'immutable=1'}"


def _create_private(path: Path) -> None:
    """Make the file with its mode, which -wal and -shm inherit.

    One that exists must not be opened here: closing it would drop the locks of this process's other connections
    (POSIX locks belong to the process), and the next program to close the store would take away their -wal.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        pass
    except OSError as error:
        raise StoreError(f"cannot open the meeting store {path}: {error.strerror}") from error


def _is_out_of_inodes(folder: Path) -> bool:
    """Whether its disk takes no more files; SQLite calls that unable to open the one beside the store."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return False
    return disk.f_files > 0 and disk.f_favail == 0  # where inodes are made as they are needed, there are 0 of them


def _explained(error: sqlite3.Error, folder: Path) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in {sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY} and _is_out_of_inodes(folder):
        return f"{error} (the disk takes no more files, see `df -i`; delete some)"
    advice = {
        sqlite3.SQLITE_BUSY: "another program holds its lock; close that program, or try again",
        sqlite3.SQLITE_FULL: "the disk is full; free some space",
        sqlite3.SQLITE_IOERR: "the disk refuses; check its space and its health",
        sqlite3.SQLITE_READONLY: "the folder is not writable; make it so, or name another with --data-dir",
        sqlite3.SQLITE_CANTOPEN: "the folder is not writable, or is no local disk; name another with --data-dir",
        sqlite3.SQLITE_CORRUPT: "the file is damaged; restore it from a copy (sound and minutes lie beside it)",
        sqlite3.SQLITE_NOTADB: "the file is no SQLite database; move it away",
    }.get(code)
    return f"{error} ({advice})" if advice else str(error)
