"""A loop that skips idle time, with real threads, while the computer's clock stands still."""

import asyncio
import threading
from types import SimpleNamespace

import pytest

from benchmarks import skipping
from benchmarks.skipping import Busy, CountedWorker, LoopClock, run_skipping


@pytest.fixture(autouse=True)
def standing_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(skipping, "time", SimpleNamespace(monotonic=lambda: 1000.0))


def test_idle_hours_pass_at_once() -> None:
    async def main() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(3 * 3600)
        return asyncio.get_running_loop().time() - began

    assert run_skipping(main, []) == 10_800


def test_while_a_thread_works_the_clock_does_not_jump() -> None:
    is_waited_for = threading.Event()

    class Watched(Busy):
        asked = 0

        def __bool__(self) -> bool:
            """Asked by the loop before each waiting: a few times it only looks whether anything is ready."""
            self.asked += super().__bool__()
            if self.asked > 5:
                is_waited_for.set()
            return super().__bool__()

    busy = Watched()

    async def main() -> tuple[float, bool]:
        loop = asyncio.get_running_loop()
        with CountedWorker("test", busy) as worker:
            timer = loop.create_task(asyncio.sleep(3600))
            began = loop.time()
            await worker.run(is_waited_for.wait)
            took = loop.time() - began
            is_over = timer.done()
            timer.cancel()
            return took, is_over

    assert run_skipping(main, [busy]) == (0, False)


def test_its_clock_moves_with_the_loop() -> None:
    async def main() -> float:
        clock = LoopClock()
        before = clock.now()
        await clock.sleep(60)
        return (clock.now() - before).total_seconds()

    assert run_skipping(main, []) == 60


def test_its_clock_can_be_asked_in_any_thread() -> None:
    async def main() -> tuple[float, float, float]:
        clock = LoopClock()
        with CountedWorker("test", Busy()) as worker:
            return clock.monotonic(), await worker.run(clock.monotonic), clock.monotonic()

    assert run_skipping(main, []) == (1000, 1000, 1000)
