"""A made-up meeting through journal and minutes as fast as it goes, and what it costs."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psutil

from benchmarks.made_up import START, frames, segments, started
from streamer.archive.archive import Archive
from streamer.archive.journals import open_meeting
from streamer.meeting.stored import StoredMinutes
from streamer.settings import Settings, load_settings
from streamer.sinks.minutes.book import MinutesBook
from streamer.sinks.minutes.sink import MinutesSink, OpenBook
from streamer.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    MeetingEnded,
    SegmentFinalized,
    StatusUpdated,
)

TARGETS = {
    "MB that memory grew": "≤ 5",
    "% of a core for minutes, six formats": "≤ 1",
    "bytes moved by an update, last 100 (median)": "as the first 100",
    "ms of an update, last 100 (median)": "as the first 100",
}


class Replay:
    """Meters one meeting."""

    def __init__(self, folder: Path, hours: float) -> None:
        self._folder = folder
        self._seconds = hours * 3600
        formats = ("markdown", "txt", "srt", "vtt", "json", "docx")
        self._settings: Settings = load_settings(overrides={"minutes": {"formats": formats}})
        self._now = 0.0
        self._cpu = 0.0
        self._updates: list[tuple[float, int]] = []  # seconds of this thread, bytes moved

    def post_steps(self, steps: Iterator[None]) -> None:
        """What is done where a sink is given up."""
        for _ in steps:
            pass

    async def run(self, call: Callable[[], None] | None = None) -> Any:
        """The whole meeting; with a call: what the storage thread would do with it."""
        if call is not None:
            began, moved = time.thread_time(), _bytes_moved()
            call()
            self._updates.append((time.thread_time() - began, _bytes_moved() - moved))
            return None
        journal = open_meeting(self._settings, self._folder, started("replay"))
        sink = MinutesSink(self, self._open_book, lambda: self._now)
        await sink.handle(started("replay"))
        process, early, spoken = psutil.Process(), 0.0, segments(1)
        segment = next(spoken)
        for frame in frames(self._seconds):
            journal.append(frame)
            position = frame.start_sample + FRAME_SAMPLES
            self._now = position / SAMPLE_RATE
            if position >= segment.end_sample:
                journal.record(SegmentFinalized(segment))
                await self._metered(sink, SegmentFinalized(segment))
                segment = next(spoken)
            if not position % (SAMPLE_RATE // 8):
                await self._metered(sink, StatusUpdated(position, -30.0, 0.1, True))
            if not early and self._now >= min(600, self._seconds / 2):
                early = process.memory_info().rss / 1e6
        late = process.memory_info().rss / 1e6
        ended = MeetingEnded(int(self._seconds * SAMPLE_RATE), START + timedelta(seconds=self._seconds))
        journal.record(ended)
        # At the end everything is written anew, in steps.
        cpu_before_end, updates = self._cpu, list(self._updates)
        await self._metered(sink, ended)
        journal.close()
        # The median, because a few in a hundred write a slow format too. The first writes everything.
        early_updates, late_updates = zip(*updates[1:101], strict=True), zip(*updates[-100:], strict=True)
        early_seconds, early_bytes = map(statistics.median, early_updates)
        late_seconds, late_bytes = map(statistics.median, late_updates)
        return {
            "hours": self._seconds / 3600,
            "lines": segment.id - 1,
            "MB of memory after 10 minutes": round(early, 1),
            "MB of memory at the end": round(late, 1),
            "MB that memory grew": round(late - early, 1),
            "% of a core for minutes, six formats": round(100 * cpu_before_end / self._seconds, 3),
            "seconds for the last writing of everything": round(self._cpu - cpu_before_end, 2),
            "bytes moved by an update, first 100 (median)": early_bytes,
            "bytes moved by an update, last 100 (median)": late_bytes,
            "ms of an update, first 100 (median)": round(early_seconds * 1000, 3),
            "ms of an update, last 100 (median)": round(late_seconds * 1000, 3),
        }

    async def _metered(self, sink: MinutesSink, event: SegmentFinalized | StatusUpdated | MeetingEnded) -> None:
        began = time.thread_time()
        await sink.handle(event)
        self._cpu += time.thread_time() - began

    def _open_book(self, meeting_id: str) -> OpenBook:
        archive = Archive(self._folder)
        store = archive.open_store(self._settings)
        record = store.record(meeting_id)
        source = StoredMinutes(store, meeting_id, archive.links(record))
        book = MinutesBook(source, archive.folder(record), self._settings.minutes, lambda: self._now)
        return OpenBook(book, store.close)


def _bytes_moved() -> int:
    """What this thread has read and written so far, in files and in the store; the same however busy a machine is."""
    counted = dict(line.split(": ") for line in Path("/proc/thread-self/io").read_text(encoding="ascii").splitlines())
    return int(counted["rchar"]) + int(counted["wchar"])
