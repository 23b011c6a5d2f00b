"""What stands in a store."""

from __future__ import annotations

from datetime import UTC, datetime

from streamer.meeting.search import search
from streamer.meeting.store import MeetingStore
from tests.meeting.material import STARTED

ID = STARTED.meeting_id
NOW = datetime(2026, 11, 21, tzinfo=UTC)


def texts(store: MeetingStore) -> list[str]:
    return [line.text for line in store.lines(ID)]


def found(store: MeetingStore, text: str) -> list[int]:
    return [hit.segment_id for hit in search(store.database, text, limit=10)]
