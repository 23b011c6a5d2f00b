"""A minutes sink whose disk refuses, whose folder goes, and that is given up."""

from __future__ import annotations

import asyncio
import shutil

import pytest

from streamer.errors import SinkError, StoreError
from streamer.types import MeetingEnded, SegmentRevised, TitleChanged
from tests.disks import file_size_limit
from tests.sinks.minutes.material import ENDED
from tests.sinks.minutes.room import BEAT, STARTED


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


async def test_minutes_that_are_given_up_and_cannot_be_completed_do_not_end_the_storage_thread(
    room, monkeypatch, caplog
):
    async def give_up(call):
        raise asyncio.CancelledError

    def refuse():
        raise StoreError("the store is locked")

    await room.sink.handle(STARTED)
    monkeypatch.setattr(room.sink._calls, "run", give_up)
    monkeypatch.setattr(room.source, "record", refuse)
    with pytest.raises(asyncio.CancelledError):
        await room.sink.handle(MeetingEnded(ENDED.end_sample, ENDED.ended_at))

    assert caplog.messages == ["minutes are not complete"]


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


async def test_until_the_disk_is_tried_again_whatever_comes_is_refused_for_the_same_reason(room):
    await room.sink.handle(STARTED)
    first = room.final(1, "一" * 200)
    with file_size_limit(300), pytest.raises(SinkError):
        await room.sink.handle(first)
    room.clock.seconds += 0.25
    second = room.final(2, "二")
    for event in (BEAT, second, SegmentRevised(first.segment)):
        with pytest.raises(SinkError, match=r"minutes cannot be written: .*File too large"):
            await room.sink.handle(event)
    assert room.lines() == []
    room.clock.seconds += 0.25
    await room.sink.handle(BEAT)
    await room.sink.handle(BEAT)

    assert room.lines() == ["一" * 200, "二"]


async def test_a_store_that_cannot_be_read_is_a_sink_error_and_loses_nothing(room, monkeypatch):
    def refuse():
        raise StoreError("the store is locked")

    await room.sink.handle(STARTED)
    room.final(1, "一")
    with monkeypatch.context() as locked:
        locked.setattr(room.source, "record", refuse)
        with pytest.raises(SinkError, match=r"^minutes cannot be written: the store is locked$"):
            await room.sink.handle(TitleChanged("预算会"))
    await room.sink.handle(BEAT)

    assert room.lines() == ["一"]


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
