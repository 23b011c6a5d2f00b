from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from streamer.meeting.database import Database
from streamer.meeting.migrations import migrate
from streamer.meeting.outbox import OutboxEntry, StoreOutbox, WaitingQueue, drop_messages, put, waiting_queues
from streamer.meeting.schema import VERSION_1

TOPIC = "streamer/room/caption/final"


@pytest.fixture
def database(tmp_path: Path):
    opened = Database(tmp_path / "streamer.db")
    with opened.transaction() as connection:
        put(connection, "m", [OutboxEntry("old:1883", TOPIC, b"1"), OutboxEntry("old:1883", TOPIC, b"2")])
        put(connection, "m", [OutboxEntry("new:1883", TOPIC, b"3"), OutboxEntry("old:1883", "base/room/final", b"4")])
    yield opened
    opened.close()


def payloads(outbox: StoreOutbox) -> list[bytes]:
    return [one.payload for one in outbox.waiting(100)]


def test_messages_wait_for_the_broker_they_were_written_for(database):
    assert payloads(StoreOutbox(database, "old:1883", (TOPIC,))) == [b"1", b"2"]
    assert payloads(StoreOutbox(database, "new:1883", (TOPIC,))) == [b"3"]
    assert StoreOutbox(database, "elsewhere:1883", (TOPIC,)).count() == 0


def test_messages_wait_for_the_base_topic_they_were_written_for(database):
    assert payloads(StoreOutbox(database, "old:1883", ("base/room/final",))) == [b"4"]
    assert StoreOutbox(database, "old:1883", ("streamer/room",)).count() == 0
    assert payloads(StoreOutbox(database, "old:1883")) == [b"1", b"2", b"4"]


@pytest.mark.parametrize("topics", [(TOPIC, "streamer/room/revised"), None])
def test_what_waits_for_a_broker_of_the_past_costs_another_one_nothing(database, topics):
    """It may be the captions of months, and is asked for after every final, in the thread that stores sound."""
    ours, steps = StoreOutbox(database, "new:1883", topics), []
    database._connection.set_progress_handler(lambda: steps.append(1), 1)

    def needed() -> int:
        steps.clear()
        assert (payloads(ours), ours.count()) == ([b"3"], 1)
        return len(steps)

    before = needed()
    with database.transaction() as connection:
        put(connection, "m", [OutboxEntry("old:1883", TOPIC, b"5")] * 1000)
    assert needed() == before


def test_since_when_something_waits_is_told(database):
    with database.transaction() as connection:
        connection.execute("UPDATE outbox SET created_at = '2026-11-20T06:30:0' || id || '.000+00:00'")

    assert [one.oldest[17:19] for one in waiting_queues(database)] == ["03", "04", "01"]


def test_what_waits_is_told_by_broker_and_topic(database):
    StoreOutbox(database, "old:1883").park(2, "too large")

    found = waiting_queues(database)
    assert [(one.broker, one.topic, one.waiting, one.parked) for one in found] == [
        ("new:1883", TOPIC, 1, 0),
        ("old:1883", "base/room/final", 1, 0),
        ("old:1883", TOPIC, 1, 1),
    ]
    assert isinstance(found[0], WaitingQueue)


def test_what_waits_for_a_broker_can_be_dropped(database):
    assert drop_messages(database, "old:1883") == 3
    assert [one.broker for one in waiting_queues(database)] == ["new:1883"]


def indexes(connection: sqlite3.Connection) -> list[tuple[str]]:
    return connection.execute("SELECT name FROM sqlite_master WHERE sql LIKE 'CREATE INDEX outbox%'").fetchall()


def test_a_store_of_an_older_streamer_becomes_quicker_and_stays_of_its_version(tmp_path):
    connection = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    migrate(connection)
    assert indexes(connection) == [("outbox_waiting",)]

    Database(tmp_path / "streamer.db").close()
    assert indexes(connection) == [("outbox_queues",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (4,)
    connection.close()


def test_a_store_that_another_program_has_locked_is_opened_slow_as_it_is(tmp_path):
    connection = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    migrate(connection)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("BEGIN IMMEDIATE")

    database = Database(tmp_path / "streamer.db", busy_ms=0)
    assert waiting_queues(database) == ()
    assert indexes(connection) == [("outbox_waiting",)]
    connection.execute("ROLLBACK")
    with database.transaction() as ours:  # what could not be begun is no open transaction
        put(ours, "m", [OutboxEntry("old:1883", TOPIC, b"1")])
    database.close()
    connection.close()


def test_messages_of_an_older_store_go_to_the_first_broker_that_comes(tmp_path):
    connection = sqlite3.connect(tmp_path / "streamer.db", isolation_level=None)
    migrate(connection, (VERSION_1,))
    connection.execute(
        "INSERT INTO outbox (meeting_id, topic, payload, created_at) VALUES ('m', ?, X'31', 'then')", (TOPIC,)
    )
    connection.close()

    database = Database(tmp_path / "streamer.db")
    assert payloads(StoreOutbox(database, "any:1883", (TOPIC,))) == [b"1"]
    database.close()
