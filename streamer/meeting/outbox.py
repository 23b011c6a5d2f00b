"""The outbox: messages that wait for a broker, in the same file and the same transaction as what they announce."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from streamer.meeting.database import Database


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message to be sent."""

    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that no broker has confirmed."""

    id: int
    """Grows with time; the order of sending."""
    topic: str
    payload: bytes


def put(connection: sqlite3.Connection, meeting_id: str, messages: Sequence[OutboxEntry]) -> None:
    """Add messages inside the caller's transaction."""
    now = datetime.now(UTC).isoformat(timespec="milliseconds")
    connection.executemany(
        "INSERT INTO outbox (meeting_id, topic, payload, created_at) VALUES (?, ?, ?, ?)",
        [(meeting_id, message.topic, message.payload, now) for message in messages],
    )


class StoreOutbox:
    """The queue behind a publisher: what earlier runs left, then what this one adds. Called in the storage thread.

    ``topic_prefix`` (``streamer/room-1/``) keeps publishers of other rooms apart; empty: everything.
    """

    def __init__(self, database: Database, topic_prefix: str = "") -> None:
        self._database = database
        self._prefix = topic_prefix

    def waiting(self, limit: int) -> tuple[WaitingMessage, ...]:
        """The oldest messages that are neither confirmed nor parked, oldest first.

        Raises:
            StoreError: the store cannot be read.
        """
        query = (
            "SELECT id, topic, payload FROM outbox WHERE state = 'waiting' AND substr(topic, 1, ?) = ? "
            "ORDER BY id LIMIT ?"
        )
        return tuple(
            WaitingMessage(*row) for row in self._database.rows(query, (len(self._prefix), self._prefix, limit))
        )

    def count(self) -> int:
        """How many wait.

        Raises:
            StoreError: the store cannot be read.
        """
        query = "SELECT count(*) FROM outbox WHERE state = 'waiting' AND substr(topic, 1, ?) = ?"
        return next(int(row[0]) for row in self._database.rows(query, (len(self._prefix), self._prefix)))

    def confirm(self, message_id: int) -> None:
        """A broker has this message: forget it. A confirmation lost in a crash means a repeat, never a loss.

        Raises:
            StoreError: the store refuses.
        """
        with self._database.transaction(durable=False) as connection:
            connection.execute("DELETE FROM outbox WHERE id = ?", (message_id,))

    def park(self, message_id: int, reason: str) -> None:
        """Set a message aside that no broker will take, so that it blocks no other.

        Raises:
            StoreError: the store refuses.
        """
        with self._database.transaction() as connection:
            connection.execute("UPDATE outbox SET state = 'parked', reason = ? WHERE id = ?", (reason, message_id))
