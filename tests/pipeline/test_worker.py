import asyncio
import threading
from collections.abc import Iterator

import pytest

from streamer.pipeline.worker import Worker


async def test_calls_run_in_order_in_the_named_thread() -> None:
    with Worker("streamer-test") as worker:
        names = [worker.run(lambda at=at: (at, threading.current_thread().name)) for at in range(3)]

        assert await asyncio.gather(*names) == [(at, "streamer-test") for at in range(3)]


async def test_an_exception_belongs_to_whoever_awaits() -> None:
    with Worker("streamer-test") as worker:
        with pytest.raises(ZeroDivisionError):
            await worker.run(lambda: 1 // 0)

        assert await worker.run(lambda: "alive") == "alive"


async def test_leaving_lets_waiting_calls_finish() -> None:
    done: list[int] = []
    with Worker("streamer-test") as worker:
        for at in range(3):
            worker.submit(done.append, at)

    assert done == [0, 1, 2]


async def test_a_call_whose_wait_was_cancelled_before_it_began_is_left_out() -> None:
    begun, release, done = threading.Event(), threading.Event(), []
    with Worker("streamer-test") as worker:
        first = worker.run(lambda: (begun.set(), release.wait()))
        second = worker.run(lambda: done.append("second"))
        begun.wait()
        second.cancel()
        await asyncio.sleep(0)
        release.set()
        await first

    assert done == []


async def test_it_serves_as_an_executor() -> None:
    with Worker("streamer-test") as worker:
        assert await asyncio.get_running_loop().run_in_executor(worker, pow, 2, 5) == 32


async def test_calls_go_before_the_steps_of_something_long() -> None:
    done: list[str] = []
    first, go_on = threading.Event(), threading.Event()

    def long() -> Iterator[None]:
        first.set()
        go_on.wait()
        for at in range(3):
            done.append(f"step {at}")
            yield

    with Worker("streamer-test") as worker:
        worker.post_steps(long())
        first.wait()
        worker.post(lambda: done.append("call"))
        worker.post(lambda: done.append("another"))
        go_on.set()

    assert done == ["step 0", "call", "another", "step 1", "step 2"]


async def test_steps_that_are_left_are_done_before_the_thread_ends() -> None:
    done: list[int] = []
    with Worker("streamer-test") as worker:
        for start in (0, 3):
            worker.post_steps(None for at in range(start, start + 3) if not done.append(at))

    assert done == [0, 1, 2, 3, 4, 5]


async def test_leaving_does_not_wait_longer_for_a_call_that_hangs_with_as_many_behind_it_as_may_wait() -> None:
    begun, release, ended = threading.Event(), threading.Event(), []
    with Worker("streamer-test", capacity=1, patience=0.01) as worker:
        worker.post(lambda: (begun.set(), ended.append(release.wait(10))))
        begun.wait()
        worker.post(release.wait)

    assert ended == []
    release.set()
