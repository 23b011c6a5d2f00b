"""Data folders in which captions wait for a broker."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from pathlib import Path

from streamer.meeting.database import Database
from streamer.meeting.outbox import OutboxEntry, put
from streamer.sinks.mqtt.encoding import final_payload
from streamer.sinks.mqtt.payloads import encode
from tests.sinks.mqtt.parts import STARTED, segment

TOPIC = "streamer/room/caption/final"


def fill(data_dir: Path, broker: str, count: int = 2, meeting_id: str = "m", texts: Sequence[str] = ()) -> Path:
    data_dir.mkdir(exist_ok=True)
    with contextlib.closing(Database(data_dir / "streamer.db")) as database, database.transaction() as connection:
        for number, text in enumerate(texts or ["今天"] * count, 1):
            payload = encode(final_payload("room", STARTED.meeting_id, segment(number, text), number))
            put(connection, meeting_id, [OutboxEntry(broker, TOPIC, payload)])
    return data_dir
