"""A minutes sink with its meeting."""

from __future__ import annotations

from pathlib import Path

from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.book import MinutesBook
from streamer.sinks.minutes.sink import MinutesSink, OpenBook
from streamer.types import MeetingStarted, Segment, SegmentFinalized, StatusUpdated
from tests.sinks.minutes.material import RECORD, START, Notebook, line
from tests.virtual_clock import Hands

STARTED = MeetingStarted(RECORD.id, "周会", "room-1", "mic", "zh 1", START)
BEAT = StatusUpdated(0, -30.0, 0.0, False)


class AtOnce:
    """A storage thread that is this one."""

    async def run(self, call):
        call()

    def post_steps(self, steps):
        for _ in steps:
            pass


class Room:
    """A sink with its meeting."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Hands(100.0)
        self.source = Notebook()
        self.released = 0
        self.sink = MinutesSink(AtOnce(), self.open_book, self.clock)

    def open_book(self, meeting_id: str) -> OpenBook:
        assert meeting_id == RECORD.id
        settings = MinutesSettings(formats=("txt", "json"))
        self.folder.mkdir(exist_ok=True)
        return OpenBook(MinutesBook(self.source, self.folder, settings, self.clock), self.release)

    def release(self) -> None:
        self.released += 1

    def final(self, number: int, text: str) -> SegmentFinalized:
        """A final that the journal has stored already."""
        said = line(number, text, number, number + 1)
        self.source.written.append(said)
        return SegmentFinalized(
            Segment(
                number, 0, said.start_sample, said.end_sample, said.started_at, text, said.spoken, 9, said.tokens, True
            )
        )

    def lines(self) -> list[str]:
        text = (self.folder / "minutes.txt").read_text(encoding="utf-8")
        return [one.partition("] ")[2] for one in text.splitlines() if one.startswith("[")]
