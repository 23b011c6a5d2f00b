"""The summary of a meeting."""

from __future__ import annotations

import hashlib
from datetime import datetime

from streamer.meeting.database import Database
from streamer.meeting.rows import EDITS, TEXT, stamp

DIGEST = "digest"
"""Key of a summary's body under which lies what :func:`lines_digest` gave before it was made."""


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


def lines_digest(database: Database, meeting_id: str) -> str:
    """Changes with the text of a meeting: what was edited, decoded again or said since.

    Raises:
        StoreError: the store cannot be read.
    """
    query = f"SELECT {TEXT} FROM segments s {EDITS} WHERE s.meeting_id = ? ORDER BY s.start_sample, s.id"  # noqa: S608
    digest = hashlib.sha256()
    for (text,) in database.rows(query, (meeting_id,)):
        digest.update(f"{text}\n".encode() if text else b"")
    return digest.hexdigest()


def summary_is_outdated(database: Database, meeting_id: str) -> bool:
    """Whether the text has changed since it was summed up; of an older streamer's summary, whether it was edited since.

    Raises:
        StoreError: the store cannot be read.
    """
    query = (
        f"SELECT iif(json_valid(body), json_extract(body, '$.{DIGEST}'), NULL), EXISTS (SELECT 1 FROM edits e "  # noqa: S608
        "WHERE e.meeting_id = s.meeting_id AND e.edited_at > s.made_at) FROM summaries s WHERE s.meeting_id = ?"
    )
    for known, is_edited in list(database.rows(query, (meeting_id,))):
        return bool(is_edited) if known is None else known != lines_digest(database, meeting_id)
    return False


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
