"""Minutes as JSON, described by ``config/minutes.schema.json``."""

from __future__ import annotations

from typing import Any

import msgspec

from streamer.clock import iso_time
from streamer.minutes import Line, MeetingRecord, Moment
from streamer.sinks.minutes.alignment import doubtful_spans
from streamer.types import SAMPLE_RATE, Token

VERSION = 1
"""Version of the layout; grows when a reader of the old one would fail."""


class JsonWriter:
    """One object; one entry a line, so that the file can also be read line by line."""

    tail = "\n]}\n"

    def __init__(self, doubt_below: float) -> None:
        self._doubt_below = doubt_below
        self._count = 0

    def head(self, record: MeetingRecord, summary: str) -> str:
        """The meeting."""
        self._count = 0
        meeting = {
            "id": record.id,
            "title": record.title,
            "room": record.room,
            "device": record.device,
            "pack": record.pack,
            "started_at": iso_time(record.started_at),
            "ended_at": iso_time(record.ended_at) if record.ended_at is not None else None,
            "utc_offset_s": record.utc_offset_s,
            "seconds": _seconds(record.end_sample) if record.end_sample is not None else None,
            "audio": str(record.audio),
        }
        head = {"format": "streamer-minutes", "version": VERSION, "meeting": meeting, "summary": summary or None}
        return f'{_encoded(head)[:-1]},"entries":['

    def entry(self, entry: Line | Moment, link: str | None) -> str:
        """One object."""
        fields = self._line(entry) if isinstance(entry, Line) else _moment(entry)
        self._count += 1
        return f"{',' if self._count > 1 else ''}\n{_encoded({**fields, 'audio': link})}"

    def _line(self, line: Line) -> dict[str, Any]:
        return {
            "type": "line",
            "segment": line.segment_id,
            "revision": line.revision,
            "at": iso_time(line.started_at),
            "start": _seconds(line.start_sample),
            "end": _seconds(line.end_sample),
            "text": line.text,
            "spoken": line.spoken,
            "edited": line.edited,
            "confidence": line.confidence,
            "doubtful": [[span.start, span.end] for span in doubtful_spans(line, self._doubt_below)],
            "tokens": [_token(token) for token in line.tokens],
        }


def _moment(moment: Moment) -> dict[str, Any]:
    return {
        "type": str(moment.kind),
        "at": iso_time(moment.at),
        "start": _seconds(moment.at_sample),
        "seconds": moment.seconds,
        "text": moment.text,
    }


def _token(token: Token) -> dict[str, Any]:
    return {
        "text": token.text,
        "syllable": token.syllable,
        "start": _seconds(token.start_sample),
        "end": _seconds(token.end_sample),
        "confidence": token.confidence,
    }


def _seconds(sample: int) -> float:
    return round(sample / SAMPLE_RATE, 4)


def _encoded(value: object) -> str:
    return msgspec.json.encode(value).decode()
