"""A loop that skips idle time, with real threads."""

import asyncio
import time

from benchmarks.skipping import Busy, CountedWorker, LoopClock, run_skipping


def test_idle_hours_pass_at_once() -> None:
    async def main() -> float:
        began = asyncio.get_running_loop().time()
        await asyncio.sleep(3 * 3600)
        return asyncio.get_running_loop().time() - began

    real = time.monotonic()

    assert 10_800 <= run_skipping(main, []) < 10_801
    assert time.monotonic() - real < 5


def test_while_a_thread_works_the_clock_does_not_jump() -> None:
    busy = Busy()

    async def main() -> tuple[float, bool]:
        loop = asyncio.get_running_loop()
        with CountedWorker("test", busy) as worker:
            timer = loop.create_task(asyncio.sleep(3600))
            began = loop.time()
            await worker.run(lambda: time.sleep(0.05))
            took = loop.time() - began
            timer.cancel()
            return took, timer.done()

    took, _ = run_skipping(main, [busy])

    assert 0.05 <= took < 60


def test_its_clock_moves_with_the_loop() -> None:
    async def main() -> float:
        clock = LoopClock()
        before = clock.now()
        await clock.sleep(60)
        return (clock.now() - before).total_seconds()

    assert 60 <= run_skipping(main, []) < 61


def test_its_clock_can_be_asked_in_any_thread() -> None:
    async def main() -> bool:
        clock = LoopClock()
        before = clock.monotonic()
        with CountedWorker("test", Busy()) as worker:
            return before <= await worker.run(clock.monotonic) <= clock.monotonic()

    assert run_skipping(main, [])
