"""One sink's events, and the publisher in front of the journal."""

from __future__ import annotations

import asyncio
import errno
import os

import pytest

from streamer.errors import SinkError
from streamer.pipeline.load import SinkLoad
from streamer.pipeline.publishing import Publisher, SinkLane
from streamer.pipeline.storage import Storage
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.messages import CHINESE, ENGLISH
from streamer.types import MarkAdded, MeetingEvent, Notice, Severity, StatusUpdated
from tests.fakes import InlineCalls, MemoryJournal
from tests.virtual_time import EPOCH, run_virtual

SMALL = PipelineSettings(sink_events=10)


def mark(number: int) -> MarkAdded:
    return MarkAdded(number, EPOCH)


class Refusing:
    """Notes when it was offered something, and refuses it."""

    def __init__(self, error: Exception) -> None:
        self.times: list[float] = []
        self._error = error

    async def handle(self, event: MeetingEvent) -> None:
        self.times.append(asyncio.get_running_loop().time())
        raise self._error


class Minutes:
    """Refuses statuses for a second; has no use for other things that pass."""

    async def handle(self, event: MeetingEvent) -> None:
        if isinstance(event, StatusUpdated) and asyncio.get_running_loop().time() < 1:
            raise SinkError("no room")


class Taking:
    def __init__(self) -> None:
        self.events: list[MeetingEvent] = []

    async def handle(self, event: MeetingEvent) -> None:
        self.events.append(event)


def test_a_sink_that_refuses_is_asked_again_more_and_more_seldom_and_at_least_twice_a_minute() -> None:
    sink, told = Refusing(SinkError("")), list[Notice]()

    async def main() -> SinkLane:
        lane = SinkLane("full", sink, SMALL)
        lane.put(mark(1))
        task = asyncio.ensure_future(lane.run(told.append, ENGLISH))
        await asyncio.sleep(100)
        task.cancel()
        return lane

    lane = run_virtual(main())

    assert sink.times == [0.0, 0.5, 1.5, 3.5, 7.5, 15.5, 31.5, 61.5, 91.5]
    assert lane.load == SinkLoad(waiting=0, failures=9)
    assert lane.refusal == "SinkError"  # it says nothing itself
    assert [notice.text for notice in told] == ["full failed, trying again: SinkError"]


def test_why_a_sink_refuses_is_told_in_the_language_of_the_rest() -> None:
    told: list[Notice] = []

    async def main() -> None:
        lane = SinkLane("minutes", Refusing(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))), SMALL)
        lane.put(mark(1))
        lane.close()
        await lane.run(told.append, CHINESE)

    run_virtual(main())

    assert [notice.text for notice in told] == ["minutes 出错，正在重试：磁盘已满"]


def test_a_sink_that_refuses_is_offered_statuses_twice_a_second() -> None:
    sink, told = Refusing(SinkError("no room")), list[Notice]()

    async def main() -> SinkLane:
        lane = SinkLane("full", sink, SMALL)
        task = asyncio.ensure_future(lane.run(told.append, ENGLISH))
        for _ in range(9):
            lane.put(StatusUpdated(0, -30.0, 0.0, False))
            await asyncio.sleep(0.125)
        task.cancel()
        return lane

    lane = run_virtual(main())

    assert sink.times == [0.0, 0.5, 1.0]
    assert lane.load == SinkLoad(waiting=0, failures=3)
    assert [notice.text for notice in told] == ["full failed, trying again: no room"]


def test_a_sink_that_refuses_is_not_well_again_because_it_takes_what_it_has_no_use_for() -> None:
    told: list[tuple[float, str]] = []

    async def main() -> None:
        lane, loop = SinkLane("minutes", Minutes(), SMALL), asyncio.get_running_loop()
        task = asyncio.ensure_future(lane.run(lambda notice: told.append((loop.time(), notice.text)), ENGLISH))
        for _ in range(10):
            lane.put(StatusUpdated(0, -30.0, 0.0, False))
            await asyncio.sleep(0.0625)
            lane.put(Notice("recognizer.loading", Severity.INFO, ""))
            await asyncio.sleep(0.0625)
        task.cancel()

    run_virtual(main())

    assert told == [(0.0, "minutes failed, trying again: no room"), (1.0, "")]


def test_a_sink_that_is_given_up_gets_what_waited_and_its_task_ends() -> None:
    sink = Taking()

    async def main() -> list[bool]:
        lane = SinkLane("slow", sink, SMALL)
        taken = [lane.put(mark(number)) for number in range(12)]
        async with asyncio.timeout(10):
            await lane.run(lambda _: None, ENGLISH)
        return taken

    assert run_virtual(main()) == [True] * 10 + [False, True]
    assert sink.events == [mark(number) for number in range(10)]


def test_where_too_many_events_wait_for_the_journal_the_meeting_ends_with_an_error() -> None:
    async def main() -> None:
        publisher = Publisher(Storage(MemoryJournal(), InlineCalls(), waiting_frames=100), (), SMALL)
        for number in range(10):
            publisher.post(mark(number))
        with pytest.raises(SinkError, match="10 events wait for the meeting store, which does not answer: disk hangs"):
            publisher.post(mark(10))
        publisher.close()
        publisher.post(mark(11))  # when sinks still drain, it is left out

    run_virtual(main())
