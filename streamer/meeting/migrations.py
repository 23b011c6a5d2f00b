"""Schema versions: how a store made by an older streamer is brought up to date."""

from __future__ import annotations

import contextlib
import sqlite3

from streamer.errors import StoreError
from streamer.meeting.schema import APPLICATION_ID, VERSION_1, VERSION_2, VERSION_3, VERSION_4

MIGRATIONS = (VERSION_1, VERSION_2, VERSION_3, VERSION_4)
"""Scripts in order: the n-th leads from version n to n + 1. A released script never changes."""
_QUICKER = (
    "CREATE INDEX IF NOT EXISTS outbox_queues ON outbox (broker, topic, state, id)",
    "DROP INDEX IF EXISTS outbox_waiting",  # SQLite would take it, and read what waits for all other brokers
)
"""Indexes that came later: no version of their own, because an older streamer works with them, too."""


def migrate(connection: sqlite3.Connection, scripts: tuple[str, ...] = MIGRATIONS) -> None:
    """Bring a store to the newest schema, all or nothing; safe when several processes start at once.

    Raises:
        StoreError: the store was made by a newer streamer, or belongs to another program.
    """
    if _known_version(connection, len(scripts)) == len(scripts):
        return
    connection.execute("BEGIN IMMEDIATE")
    try:
        for script in scripts[_known_version(connection, len(scripts)) :]:
            for statement in _statements(script):
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {len(scripts)}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # SQLite has rolled back itself where the disk is full
            connection.execute("ROLLBACK")
        raise


def make_quicker(connection: sqlite3.Connection) -> None:
    """Give a store of the newest schema the indexes that it lacks; where that cannot be now, it is only slower."""
    if connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'outbox_queues'").fetchone() is not None:
        return
    with contextlib.suppress(sqlite3.OperationalError):  # it may only be read, is locked, or its disk is full
        connection.execute("BEGIN IMMEDIATE")
        for statement in _QUICKER:
            connection.execute(statement)
        connection.execute("COMMIT")
    if connection.in_transaction:
        connection.execute("ROLLBACK")


def is_older(connection: sqlite3.Connection) -> bool:
    """Whether :func:`migrate` has something to do; raises as that does."""
    return _known_version(connection, len(MIGRATIONS)) < len(MIGRATIONS)


def _known_version(connection: sqlite3.Connection, newest: int) -> int:
    owner = connection.execute("PRAGMA application_id").fetchone()[0]
    if owner not in (0, APPLICATION_ID):
        raise StoreError(f"the file is another program's SQLite database (application id {owner:#x}), not a store")
    version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    if version > newest:
        raise StoreError(
            f"the meeting store has schema version {version}, this streamer knows {newest}: "
            "it was made by a newer streamer; install that, or name another folder with --data-dir"
        )
    return version


def _statements(script: str) -> list[str]:
    """Split a script, because ``executescript`` would commit before it begins."""
    found, part = [], ""
    for line in script.splitlines(keepends=True):
        part += line
        if sqlite3.complete_statement(part):
            found.append(part)
            part = ""
    return found
