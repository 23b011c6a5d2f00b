"""The outbox: messages that wait for a broker, in the same file and the same transaction as what they announce."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from streamer.clock import iso_time
from streamer.meeting.database import Database

ANY_BROKER = ""
"""The broker of messages that a store older than this column holds: whichever comes first gets them."""


@dataclass(frozen=True, slots=True)
class OutboxEntry:
    """A message to be sent."""

    broker: str
    """``host:port`` of the one broker that it is for."""
    topic: str
    payload: bytes
    is_final: bool = True
    """Whether it is a final: those are counted in their meeting, what is said of them later is not."""


@dataclass(frozen=True, slots=True)
class WaitingMessage:
    """A message that its broker has not confirmed."""

    id: int
    """Grows with time; the order of sending."""
    topic: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class WaitingQueue:
    """What waits for one broker on one topic."""

    broker: str
    """``host:port``; empty: any."""
    topic: str
    waiting: int
    """Messages that will be sent."""
    parked: int
    """Messages that the broker refused for good."""
    oldest: str
    """When the first of them was put there: ISO 8601, UTC."""


def put(connection: sqlite3.Connection, meeting_id: str, messages: Sequence[OutboxEntry]) -> None:
    """Add messages inside the caller's transaction, and count the finals among them in their meeting."""
    if not messages:
        return
    now = iso_time(datetime.now(UTC))
    connection.executemany(
        "INSERT INTO outbox (meeting_id, broker, topic, payload, created_at) VALUES (?, ?, ?, ?, ?)",
        [(meeting_id, message.broker, message.topic, message.payload, now) for message in messages],
    )
    finals = sum(message.is_final for message in messages)
    connection.execute("UPDATE meetings SET announced = announced + ? WHERE id = ?", (finals, meeting_id))


def waiting_queues(database: Database) -> tuple[WaitingQueue, ...]:
    """Everything that waits or was parked, by broker and topic.

    Raises:
        StoreError: the store cannot be read.
    """
    query = (  # from the index alone, but for the first of each: payloads of months may lie there
        "SELECT q.broker, q.topic, q.waiting, q.parked, o.created_at FROM (SELECT broker, topic, "
        "total(state = 'waiting') AS waiting, total(state = 'parked') AS parked, min(id) AS first FROM outbox "
        "GROUP BY broker, topic) q JOIN outbox o ON o.id = q.first ORDER BY q.broker, q.topic"
    )
    return tuple(
        WaitingQueue(broker, topic, int(waiting), int(parked), oldest)
        for broker, topic, waiting, parked, oldest in database.rows(query)
    )


def meeting_settings(database: Database) -> dict[str, str]:
    """The settings, JSON, of the newest meeting whose messages wait for each broker; none where it was deleted.

    Raises:
        StoreError: the store cannot be read.
    """
    query = (  # the columns beside max() are those of its row
        "SELECT o.broker, m.settings, max(m.id) FROM outbox o JOIN meetings m ON m.id = o.meeting_id GROUP BY o.broker"
    )
    return {broker: settings for broker, settings, _ in database.rows(query)}


def drop_messages(database: Database, broker: str) -> int:
    """Forget what waits for a broker and what it refused; how many messages that were.

    Raises:
        StoreError: the store refuses.
    """
    with database.transaction() as connection:
        return connection.execute("DELETE FROM outbox WHERE broker = ?", (broker,)).rowcount


class StoreOutbox:
    """The queue behind a publisher: what earlier runs left, then what this one adds. Called in the storage thread.

    A message belongs to the broker and the topic that were configured when it was put there, and waits for them: other
    brokers never see it.
    """

    def __init__(self, database: Database, broker: str, topics: tuple[str, ...] | None = None) -> None:
        """Look at one queue.

        Args:
            database: of the store.
            broker: ``host:port``.
            topics: of one room below one prefix; None: all that wait for the broker.
        """
        self._database = database
        self._condition = "state = 'waiting' AND broker IN (?, ?)"
        self._values: tuple[str, ...] = (broker, ANY_BROKER)
        if topics is not None:
            self._condition += f" AND topic IN ({', '.join('?' * len(topics))})"
            self._values += topics

    def waiting(self, limit: int) -> tuple[WaitingMessage, ...]:
        """The oldest messages that are neither confirmed nor parked, oldest first.

        Raises:
            StoreError: the store cannot be read.
        """
        oldest = f"SELECT id FROM outbox WHERE {self._condition} ORDER BY id LIMIT ?"  # noqa: S608
        query = f"SELECT id, topic, payload FROM outbox WHERE id IN ({oldest}) ORDER BY id"  # noqa: S608
        return tuple(WaitingMessage(*row) for row in self._database.rows(query, (*self._values, limit)))

    def count(self) -> int:
        """How many wait.

        Raises:
            StoreError: the store cannot be read.
        """
        query = f"SELECT count(*) FROM outbox WHERE {self._condition}"  # noqa: S608
        return next(int(row[0]) for row in self._database.rows(query, self._values))

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
