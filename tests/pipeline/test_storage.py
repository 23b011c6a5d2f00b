import asyncio

from streamer.pipeline.storage import Storage
from streamer.types import Frame, FrameRun, MarkAdded
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
        await storage.record([MarkAdded(960, EPOCH)])
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


def test_closing_appends_what_waits_first() -> None:
    async def main() -> MemoryJournal:
        journal = MemoryJournal()
        storage = Storage(journal, InlineCalls(), waiting_frames=100)
        storage.append(frames(1)[0])
        await storage.close()
        return journal

    journal = run_virtual(main())
    assert (bytes(journal.pcm), journal.is_closed) == (SPEECH, True)
