import asyncio

import pytest

from streamer.errors import RecordingError, StoreError
from streamer.pipeline.storage import Storage
from streamer.types import Frame, FrameRun, MarkAdded, MeetingEvent
from tests.fakes import SPEECH, InlineCalls, MemoryJournal
from tests.virtual_time import EPOCH, run_virtual


def frames(count: int) -> list[Frame]:
    return [Frame(SPEECH, 320 * at) for at in range(count)]


def test_frames_are_appended_in_batches() -> None:
    async def main() -> list[int]:
        journal = MemoryJournal()
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        lengths = []
        for frame in frames(25):
            storage.append(frame)
            await asyncio.sleep(0.02)
            lengths.append(len(journal.pcm) // 640)
        return lengths

    assert run_virtual(main()) == [0] * 9 + [10] * 10 + [20] * 6


def test_frames_of_a_batch_are_appended_together_up_to_where_sound_is_missing() -> None:
    class Counting(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            rows.append((sound.start_sample, len(sound.pcm) // 640))

    rows: list[tuple[int, int]] = []

    async def main() -> None:
        storage = Storage(Counting(), InlineCalls(), waiting_frames=100)
        storage.append(FrameRun(3 * SPEECH, 0))
        for frame in frames(9)[5:]:
            storage.append(frame)
        storage.append(FrameRun(4 * SPEECH, 320 * 9))
        await asyncio.sleep(0.1)

    run_virtual(main())
    assert rows == [(0, 3), (1600, 8)]


def test_reading_sees_frames_just_appended() -> None:
    async def main() -> bytes:
        storage = Storage(MemoryJournal(), InlineCalls(), waiting_frames=100)
        storage.append(frames(1)[0])
        return await storage.read(100, 200)

    assert run_virtual(main()) == SPEECH[200:400]


def test_an_event_is_recorded_after_the_sound_before_it() -> None:
    async def main() -> MemoryJournal:
        journal = MemoryJournal()
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        for frame in frames(3):
            storage.append(frame)
        await storage.record(MarkAdded(960, EPOCH))
        return journal

    assert run_virtual(main()).sound_at == [960]


def test_room_runs_out_when_the_disk_is_far_behind() -> None:
    async def main() -> float:
        storage = Storage(MemoryJournal(), InlineCalls(iter([3.0, 0.0]).__next__), waiting_frames=20)
        for frame in frames(20):
            storage.append(frame)
        await storage.has_room()
        return asyncio.get_running_loop().time()

    assert run_virtual(main()) == 3.0


def test_a_failing_journal_is_reported_until_it_works_again() -> None:
    async def main() -> tuple[object, object]:
        journal = MemoryJournal()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        await storage.record(MarkAdded(0, EPOCH))
        failed = storage.failure
        journal.refuses = False
        await storage.record(MarkAdded(0, EPOCH))
        return failed, storage.failure

    failed, after = run_virtual(main())
    assert isinstance(failed, StoreError)
    assert after is None


def test_a_journal_that_takes_sound_again_works_again_before_the_next_event() -> None:
    async def main() -> object:
        journal = MemoryJournal()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        await storage.record(MarkAdded(0, EPOCH))
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
        await storage.record(MarkAdded(0, EPOCH))
        return [*found, str(storage.failure)]

    assert run_virtual(main()) == ["no room for sound", "no room"]


def test_events_that_wait_while_sound_is_taken_are_told_of_the_store(caplog: pytest.LogCaptureFixture) -> None:
    class Locked(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            if self.refuses:
                raise StoreError("events wait: locked")

    async def main() -> list[StoreError | None]:
        journal = Locked()
        journal.refuses = True
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        for frame in frames(10):
            storage.append(frame)
        await asyncio.sleep(0.1)
        before = storage.failure
        journal.refuses = False
        await storage.record(MarkAdded(0, EPOCH))
        return [before, storage.failure]

    assert list(map(str, run_virtual(main()))) == ["events wait: locked", "None"]
    assert caplog.messages == ["the meeting store failed: events wait: locked"]


def test_nothing_is_missing_where_the_sound_that_waited_is_written_at_the_end() -> None:
    class Waiting(MemoryJournal):
        def append(self, sound: Frame | FrameRun) -> None:
            raise RecordingError("no room for sound")

    async def main() -> list[StoreError | None]:
        storage = Storage(Waiting(), InlineCalls(), waiting_frames=100)
        storage.append(frames(1)[0])
        await storage.record(MarkAdded(0, EPOCH))
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


def test_closing_appends_what_waits_first() -> None:
    async def main() -> MemoryJournal:
        journal = MemoryJournal()
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        storage.append(frames(1)[0])
        await storage.close()
        return journal

    journal = run_virtual(main())
    assert (bytes(journal.pcm), journal.is_closed) == (SPEECH, True)
