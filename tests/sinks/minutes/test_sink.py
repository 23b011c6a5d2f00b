from __future__ import annotations

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path

import pytest

from streamer.errors import SinkError
from streamer.settings.minutes import MinutesSettings
from streamer.sinks.minutes.book import MinutesBook
from streamer.sinks.minutes.sink import MinutesSink, OpenBook
from streamer.types import (
    SAMPLE_RATE,
    MarkAdded,
    MeetingEnded,
    MeetingStarted,
    Segment,
    SegmentFinalized,
    StatusUpdated,
    TitleChanged,
)
from tests.disks import file_size_limit
from tests.sinks.minutes.material import ENDED, RECORD, START, Notebook, line, moment

STARTED = MeetingStarted(RECORD.id, "周会", "room-1", "mic", "zh 1", START)
BEAT = StatusUpdated(0, -30.0, 0.0, False)


class AtOnce:
    """A storage thread that is this one."""

    async def run(self, call):
        call()

    def post(self, call):
        call()


class Hands:
    """A clock moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


class Room:
    """A sink with its meeting."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.clock = Hands()
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


@pytest.fixture
def room(tmp_path):
    (tmp_path / "meetings").mkdir()
    return Room(tmp_path / "meetings" / "周会")


async def test_a_final_is_in_the_file_when_it_has_been_handled(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))

    assert room.lines() == ["一"]


async def test_finals_in_quick_succession_are_written_together_within_a_second(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))
    await room.sink.handle(room.final(2, "二"))
    await room.sink.handle(MarkAdded(3 * SAMPLE_RATE, START + timedelta(seconds=3)))
    assert room.lines() == ["一"]

    room.clock.seconds += 0.5
    await room.sink.handle(BEAT)
    assert room.lines() == ["一", "二", "* 标记"]


async def test_the_end_puts_everything_in_its_place(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(2, "二"))
    room.source.written.insert(0, moment("mark", 1))
    room.source.kept = ENDED
    await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))

    assert room.lines() == ["* 标记", "二"]
    assert "15:32" in (room.folder / "minutes.txt").read_text(encoding="utf-8")
    assert {path.name for path in room.folder.iterdir()} == {"minutes.txt", "minutes.json"}
    assert room.released == 1


async def test_a_new_title_is_written_at_once(room):
    await room.sink.handle(STARTED)
    room.source.kept = ENDED
    await room.sink.handle(TitleChanged("预算会"))

    assert "15:32" in (room.folder / "minutes.txt").read_text(encoding="utf-8"), "the head was written anew"


async def test_hours_are_written_anew_in_steps_between_which_captions_are_stored(room, monkeypatch):
    await room.sink.handle(STARTED)
    for number in range(1, 121):
        room.final(number, "一")
    read, shares = [], []
    entries = room.source.entries
    monkeypatch.setattr(room.source, "entries", lambda: (read.append(one) or one for one in entries()))

    async def run(call):
        before = len(read)
        call()
        shares.append(len(read) - before)

    monkeypatch.setattr(room.sink._calls, "run", run)
    await room.sink.handle(TitleChanged("预算会"))

    # The head is a part of its own; of two formats.
    assert [one for one in shares if one] == [49, 50, 21] * 2
    assert room.lines() == ["一"] * 120


async def test_minutes_that_are_given_up_at_the_end_are_completed_all_the_same(room, monkeypatch):
    await room.sink.handle(STARTED)
    for number in range(1, 121):
        room.final(number, "一")
    room.source.kept = ENDED
    calls = []

    async def run(call):
        call()
        calls.append(call)
        if len(calls) == 2:
            raise asyncio.CancelledError

    monkeypatch.setattr(room.sink._calls, "run", run)
    with pytest.raises(asyncio.CancelledError):
        await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))

    assert room.lines() == ["一"] * 120
    assert "15:32" in (room.folder / "minutes.txt").read_text(encoding="utf-8")
    assert {path.name for path in room.folder.iterdir()} == {"minutes.txt", "minutes.json"}
    assert room.released == 1


async def test_a_folder_that_goes_between_two_steps_is_made_anew_with_everything_in_it(room, monkeypatch):
    await room.sink.handle(STARTED)
    for number in range(1, 121):
        room.final(number, "一")
    calls = []

    async def run(call):
        calls.append(call)
        if len(calls) == 5:  # the first format is written, of the second a part
            shutil.rmtree(room.folder)
        call()

    monkeypatch.setattr(room.sink._calls, "run", run)
    await room.sink.handle(TitleChanged("预算会"))

    assert room.lines() == ["一"] * 120
    assert {path.name for path in room.folder.iterdir() if path.name[0] != "."} == {"minutes.txt", "minutes.json"}


async def test_a_full_disk_is_a_sink_error_and_loses_nothing(room):
    await room.sink.handle(STARTED)
    final = room.final(1, "一" * 200)
    with file_size_limit(300), pytest.raises(SinkError, match=r"minutes cannot be written: .*File too large"):
        await room.sink.handle(final)
    room.clock.seconds += 1
    await room.sink.handle(room.final(2, "二"))

    assert room.lines() == ["一" * 200, "二"]


async def test_a_folder_that_is_gone_is_made_anew_with_everything_in_it(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))
    shutil.rmtree(room.folder)
    room.clock.seconds += 1
    await room.sink.handle(room.final(2, "二"))

    assert room.lines() == ["一", "二"]
    assert room.released == 1


async def test_a_folder_that_is_gone_at_the_end_is_made_anew(room):
    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))
    shutil.rmtree(room.folder)
    room.source.kept = ENDED
    await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))

    assert {path.name for path in room.folder.iterdir()} == {"minutes.txt", "minutes.json"}
    assert room.released == 2


async def test_a_folder_that_cannot_be_made_yet_is_tried_again(room):
    await room.sink.handle(STARTED)
    final = room.final(1, "一")
    shutil.rmtree(room.folder.parent)
    for _ in range(2):
        with pytest.raises(SinkError, match=r"minutes cannot be written: .*No such file or directory"):
            await room.sink.handle(final)
        room.clock.seconds += 1
    room.folder.parent.mkdir()
    await room.sink.handle(final)

    assert room.lines() == ["一"]


async def test_a_retried_final_is_written_once(room):
    await room.sink.handle(STARTED)
    final = room.final(1, "一" * 200)
    with file_size_limit(300), pytest.raises(SinkError):
        await room.sink.handle(final)
    room.clock.seconds += 1
    await room.sink.handle(final)

    assert room.lines() == ["一" * 200]


async def test_sound_that_cannot_be_looked_at_for_a_moment_loses_no_line(room, monkeypatch):
    def fail(sample: int) -> str | None:
        raise OSError(5, "Input/output error")

    await room.sink.handle(STARTED)
    await room.sink.handle(room.final(1, "一"))
    await room.sink.handle(room.final(2, "二"))  # waits for the next update
    last = room.final(3, "三")
    room.clock.seconds += 1
    with monkeypatch.context() as broken:
        broken.setattr(room.source, "link", fail)
        with pytest.raises(SinkError, match="Input/output error"):
            await room.sink.handle(last)
    room.clock.seconds += 1
    await room.sink.handle(last)

    assert room.lines() == ["一", "二", "三"]
