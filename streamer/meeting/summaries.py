"""The summary of a meeting."""

from __future__ import annotations

from datetime import datetime

from streamer.meeting.database import Database
from streamer.meeting.rows import stamp


def summary_text(database: Database, meeting_id: str) -> str:
    """The summary as it stands in the minutes; empty where there is none.

    Raises:
        StoreError: the store cannot be read.
    """
    query = "SELECT text FROM summaries WHERE meeting_id = ?"
    return next((str(row[0]) for row in database.rows(query, (meeting_id,))), "")


def summary_body(database: Database, meeting_id: str) -> str:
    """The summary as JSON, for whoever shows it in another language; empty where there is none.

    Raises:
        StoreError: the store cannot be read.
    """
    query = "SELECT body FROM summaries WHERE meeting_id = ?"
    return next((str(row[0]) for row in database.rows(query, (meeting_id,))), "")


def set_summary(database: Database, meeting_id: str, made_at: datetime, source: str, text: str, body: str) -> None:
    """Keep a summary in place of the one before.

    Args:
        database: of the store.
        meeting_id: the meeting's.
        made_at: when it was made.
        source: the model, or the library that picked sentences.
        text: as it stands in the minutes.
        body: JSON, for programs.

    Raises:
        StoreError: the store refuses.
    """
    with database.transaction() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO summaries (meeting_id, made_at, source, text, body) VALUES (?, ?, ?, ?, ?)",
            (meeting_id, stamp(made_at), source, text, body),
        )
