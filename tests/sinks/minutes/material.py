"""A meeting to be written down."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from streamer.minutes import Audio, Line, MeetingRecord, Moment, MomentKind
from streamer.types import SAMPLE_RATE, Token

START = datetime(2026, 11, 20, 6, 30, tzinfo=UTC)
RECORD = MeetingRecord(
    "20261120T063000Z-3f9a", "周会", "room-1", "USB 麦克风", "zh 1", START, 8 * 3600, "2026-11-20_1430_周会",
    Audio.KEPT, "{}",
)  # fmt: skip
ENDED = replace(RECORD, ended_at=START + timedelta(hours=1, minutes=2), end_sample=3720 * SAMPLE_RATE)


def line(number: int, text: str, start_s: float = 0, end_s: float = 1, doubts: str = "") -> Line:
    """A line whose tokens are its letters, spread evenly; those in ``doubts`` have little confidence."""
    start, end = int(start_s * SAMPLE_RATE), int(end_s * SAMPLE_RATE)
    spoken = "".join(one for one in text if one.isalnum())
    step = (end - start) // max(1, len(spoken))
    tokens = tuple(
        Token(one, "x1", start + place * step, start + (place + 1) * step, -0.1, 0.2 if one in doubts else 0.9)
        for place, one in enumerate(spoken)
    )
    return Line(number, 0, start, end, START + timedelta(seconds=start_s), text, spoken, 0.9, tokens)


def moment(kind: MomentKind, at_s: float, text: str = "", seconds: float = 0) -> Moment:
    return Moment(kind, int(at_s * SAMPLE_RATE), START + timedelta(seconds=at_s), seconds, text)


def whole(steps: Iterator[None]) -> None:
    """All steps of something, at once."""
    for _ in steps:
        pass


@dataclass
class Notebook:
    """A :class:`~streamer.minutes.MinutesSource` in memory."""

    kept: MeetingRecord = RECORD
    written: list[Line | Moment] = field(default_factory=list)
    summed_up: str = ""

    def record(self) -> MeetingRecord:
        return self.kept

    def entries(self) -> Iterator[Line | Moment]:
        return iter([one for one in self.written if isinstance(one, Moment) or one.text])

    def summary(self) -> str:
        return self.summed_up

    def edition(self) -> str:
        return repr(
            (self.kept.title, self.summed_up, [one for one in self.written if isinstance(one, Line) and one.edited])
        )

    def link(self, sample: int) -> str | None:
        return f"audio/000000000000.flac#t={sample / SAMPLE_RATE:.1f}"
