"""Events whose journal hangs."""

from __future__ import annotations

import asyncio

from streamer.pipeline.keeping import Keeping
from streamer.pipeline.storage import Storage
from streamer.types import MarkAdded, MeetingEnded, MeetingEvent
from tests.fakes import InlineCalls, MemoryJournal
from tests.virtual_time import EPOCH, run_virtual

MARKS = [MarkAdded(number, EPOCH) for number in range(4)]
ENDED = MeetingEnded(9, EPOCH)


class Hung:
    """A journal that does not answer until it is let go on."""

    def __init__(self, capacity: int = 10) -> None:
        self.journal, self._calls = MemoryJournal(), InlineCalls()
        self._calls.hung = self.answers = asyncio.Event()
        self.keeping = Keeping(Storage(self.journal, self._calls, waiting_frames=100), capacity)
        self.kept_at: list[float] = []
        """When each event was waited for no longer."""

    async def keep(self, *events: MeetingEvent) -> None:
        for event in events:
            await self.keeping.keep(event)
            self.kept_at.append(asyncio.get_running_loop().time())


def test_the_first_event_waits_for_two_seconds_and_those_after_it_no_more() -> None:
    async def main() -> tuple[list[float], list[MeetingEvent]]:
        hung = Hung()
        await hung.keep(*MARKS)
        return hung.kept_at, hung.journal.events

    assert run_virtual(main()) == ([2.0] * 4, [])


def test_when_the_disk_answers_the_journal_gets_everything_in_order_though_nothing_more_happens() -> None:
    async def main() -> list[MeetingEvent]:
        hung = Hung()
        await hung.keep(*MARKS)
        hung.answers.set()
        await asyncio.sleep(0.5)
        return hung.journal.events

    assert run_virtual(main()) == MARKS


def test_that_the_meeting_has_ended_is_told_once_everything_is_kept() -> None:
    async def main() -> tuple[list[float], list[MeetingEvent]]:
        hung = Hung()
        asyncio.get_running_loop().call_later(60, hung.answers.set)
        await hung.keep(MARKS[0], ENDED)
        return hung.kept_at, hung.journal.events

    assert run_virtual(main()) == ([2.0, 60.0], [MARKS[0], ENDED])


def test_of_more_events_than_may_wait_the_next_one_waits_for_the_journal() -> None:
    async def main() -> list[float]:
        hung = Hung(capacity=2)
        asyncio.get_running_loop().call_later(60, hung.answers.set)
        await hung.keep(*MARKS[:3])
        return hung.kept_at

    # One is on its way to the journal, one waits; the third would be the second that waits.
    assert run_virtual(main()) == [2.0, 2.0, 60.0]


def test_finishing_waits_for_everything() -> None:
    async def main() -> tuple[float, list[MeetingEvent]]:
        hung = Hung()
        asyncio.get_running_loop().call_later(60, hung.answers.set)
        await hung.keep(*MARKS)
        await hung.keeping.finish()
        return asyncio.get_running_loop().time(), hung.journal.events

    assert run_virtual(main()) == (60.0, MARKS)


def test_an_event_is_kept_before_anybody_goes_on_where_the_disk_answers() -> None:
    async def main() -> list[MeetingEvent]:
        hung = Hung()
        hung.answers.set()
        await hung.keep(MARKS[0])
        return list(hung.journal.events)

    assert run_virtual(main()) == MARKS[:1]
