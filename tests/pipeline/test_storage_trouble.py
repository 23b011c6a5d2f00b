"""A journal that refuses, and what the storage says of it."""

import asyncio

import pytest

from streamer.errors import RecordingError, StoreError, StoreHungError
from streamer.pipeline.storage import Storage
from streamer.types import Frame, FrameRun, MarkAdded, MeetingEvent, TitleChanged
from tests.fakes import SPEECH, InlineCalls, MemoryJournal
from tests.virtual_time import EPOCH, run_virtual


def frames(count: int) -> list[Frame]:
    return [Frame(SPEECH, 320 * at) for at in range(count)]


def test_a_failing_journal_is_reported_until_it_works_again() -> None:
    async def main() -> tuple[object, object]:
        journal = MemoryJournal()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        await storage.record([MarkAdded(0, EPOCH)])
        failed = storage.failure
        journal.refuses = False
        await storage.record([MarkAdded(0, EPOCH)])
        return failed, storage.failure

    failed, after = run_virtual(main())
    assert isinstance(failed, StoreError)
    assert after is None


@pytest.mark.parametrize("what", ["sound", "an event"])
def test_a_disk_that_does_not_answer_for_five_seconds_hangs_until_it_does(what: str) -> None:
    async def main() -> list[tuple[float, bool]]:
        calls, found = InlineCalls(iter([7.0, 0.0]).__next__), []
        storage, loop = Storage(MemoryJournal(), calls, waiting_frames=100), asyncio.get_running_loop()
        if what == "sound":
            storage.append(FrameRun(10 * SPEECH, 0))
        else:
            storage.record([MarkAdded(0, EPOCH)])
        for seconds in (4.9, 0.1, 1.9, 0.2):
            await asyncio.sleep(seconds)
            found.append((round(loop.time(), 1), isinstance(storage.failure, StoreHungError)))
        return found

    assert run_virtual(main()) == [(4.9, False), (5.0, True), (6.9, True), (7.1, False)]


def test_a_journal_that_takes_sound_again_works_again_before_the_next_event() -> None:
    async def main() -> object:
        journal = MemoryJournal()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        await storage.record([MarkAdded(0, EPOCH)])
        journal.refuses = False
        for frame in frames(10):
            storage.append(frame)
        await asyncio.sleep(0.1)
        return storage.failure

    assert run_virtual(main()) is None


def test_that_events_are_not_stored_is_said_rather_than_that_sound_is_not() -> None:
    class Full(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            raise RecordingError("no room for sound")

        def record(self, event: MeetingEvent) -> None:
            raise StoreError("no room")

    async def main() -> list[str]:
        storage = Storage(Full(), InlineCalls(), waiting_frames=100)
        found = []
        for frame in frames(10):
            storage.append(frame)
        await asyncio.sleep(0.02)
        found.append(str(storage.failure))
        await storage.record([MarkAdded(0, EPOCH)])
        return [*found, str(storage.failure)]

    assert run_virtual(main()) == ["no room for sound", "no room"]


def test_events_that_wait_while_sound_is_taken_are_told_of_the_store(caplog: pytest.LogCaptureFixture) -> None:
    class Locked(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            if self.refuses:
                raise StoreError("events wait: locked")

    async def main() -> list[tuple[StoreError | None, bool]]:
        journal = Locked()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        told = [(storage.failure, storage.has_refused)]
        for frame in frames(10):
            storage.append(frame)
        await asyncio.sleep(0.1)
        told.append((storage.failure, storage.has_refused))
        journal.refuses = False
        await storage.record([MarkAdded(0, EPOCH)])
        return [*told, (storage.failure, storage.has_refused)]

    told = [(str(failure), has_refused) for failure, has_refused in run_virtual(main())]
    assert told == [("None", False), ("events wait: locked", True), ("None", True)]
    assert caplog.messages == ["the meeting store failed: events wait: locked"]


def test_an_event_that_is_stored_while_sound_is_not_is_no_failure_of_the_store_any_more() -> None:
    class Refusing(MemoryJournal):
        def record(self, event: MeetingEvent) -> None:
            raise refusals.pop(0)

    refusals = [StoreError("locked"), RecordingError("no room for sound")]

    async def main() -> list[str]:
        storage = Storage(Refusing(), InlineCalls(), waiting_frames=100)
        found = []
        for _ in range(2):
            await storage.record([MarkAdded(0, EPOCH)])
            found.append(str(storage.failure))
        return found

    assert run_virtual(main()) == ["locked", "no room for sound"]


def test_sound_that_is_taken_while_events_wait_is_no_failure_of_the_recording_any_more() -> None:
    class Refusing(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            raise refusals.pop(0)

    refusals = [RecordingError("no room for sound"), StoreError("events wait: locked")]

    async def main() -> list[str]:
        storage = Storage(Refusing(), InlineCalls(), waiting_frames=100)
        found = []
        for first in (0, 10):
            storage.append(FrameRun(10 * SPEECH, 320 * first))
            await asyncio.sleep(0.1)
            found.append(str(storage.failure))
        await storage.record([MarkAdded(0, EPOCH)])
        return [*found, str(storage.failure)]

    assert run_virtual(main()) == ["no room for sound", "events wait: locked", "None"]


def test_what_other_programs_change_is_given_and_nothing_where_the_store_cannot_be_read() -> None:
    async def main() -> list[object]:
        journal = MemoryJournal()
        journal.changed = [TitleChanged("预算会")]
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        journal.refuses = True
        found = [await storage.changes()]
        journal.refuses = False
        return [*found, await storage.changes(), await storage.changes()]

    assert run_virtual(main()) == [(), (TitleChanged("预算会"),), ()]


def test_events_that_are_not_stored_at_the_end_are_told_of() -> None:
    class Refusing(MemoryJournal):
        def close(self) -> None:
            raise StoreError("captions (1) are not in the meeting")

    async def main() -> str:
        storage = Storage(Refusing(), InlineCalls(), waiting_frames=100)
        await storage.close()
        return str(storage.failure)

    assert run_virtual(main()) == "captions (1) are not in the meeting"


def test_nothing_is_missing_where_the_sound_that_waited_is_written_at_the_end() -> None:
    class Waiting(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            raise RecordingError("no room for sound")

    async def main() -> list[StoreError | None]:
        storage = Storage(Waiting(), InlineCalls(), waiting_frames=100)
        storage.append(frames(1)[0])
        await storage.record([MarkAdded(0, EPOCH)])
        before = storage.failure
        await storage.close()
        return [before, storage.failure]

    assert list(map(str, run_virtual(main()))) == ["no room for sound", "None"]


def test_sound_that_is_missing_at_the_end_is_told_of_the_recording(caplog: pytest.LogCaptureFixture) -> None:
    class Short(MemoryJournal):
        def close(self) -> None:
            raise RecordingError("4.0 s of sound were not recorded")

    async def main() -> str:
        storage = Storage(Short(), InlineCalls(), waiting_frames=100)
        await storage.close()
        return str(storage.failure)

    assert run_virtual(main()) == "4.0 s of sound were not recorded"
    assert caplog.messages == ["the recording failed: 4.0 s of sound were not recorded"]


def test_a_defect_of_the_journal_is_not_swallowed() -> None:
    class Defective(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            raise ZeroDivisionError

    async def main() -> None:
        storage = Storage(Defective(), InlineCalls(), waiting_frames=100)
        for frame in frames(10):
            storage.append(frame)
        await asyncio.sleep(1)
        storage.append(frames(1)[0])

    with pytest.raises(ZeroDivisionError):
        run_virtual(main())
