from __future__ import annotations

import asyncio
import contextlib
import gc
import threading
import weakref
from typing import Any

import pytest

from streamer.sinks.mqtt.unawaited import unawaited


async def test_what_a_call_raises_is_raised_where_it_was_made() -> None:
    def refuse() -> None:
        raise ConnectionRefusedError("no")

    with pytest.raises(ConnectionRefusedError, match="no"):
        await unawaited(refuse)


async def test_the_event_loop_goes_on_meanwhile() -> None:
    may_end, ended = threading.Event(), []
    asyncio.get_running_loop().call_soon(may_end.set)
    await unawaited(lambda: ended.append((may_end.wait(20), threading.current_thread().daemon)))

    assert ended == [(True, True)]


async def test_nothing_holds_on_to_what_a_call_held_when_it_raised() -> None:
    """Such as its socket, which would be open until the garbage is collected."""
    threads: list[threading.Thread] = []
    held: list[weakref.ref[threading.Event]] = []

    def refuse() -> None:
        mine = threading.Event()
        threads.append(threading.current_thread())
        held.append(weakref.ref(mine))
        raise ConnectionRefusedError("no")

    gc.disable()
    try:
        with contextlib.suppress(ConnectionRefusedError):
            await unawaited(refuse)
        threads[0].join(20)
        await asyncio.sleep(0)  # the step of the loop that brought the error holds on to it as well
        assert held[0]() is None
    finally:
        gc.enable()


async def test_a_thread_that_has_not_ended_yet_holds_on_to_nothing_either(monkeypatch: pytest.MonkeyPatch) -> None:
    has_made_it, may_end, threads = threading.Event(), threading.Event(), []
    run = threading.Thread.run

    def linger(thread: threading.Thread) -> None:
        threads.append(thread)
        arguments = thread._args  # type: ignore[attr-defined]
        run(thread)
        has_made_it.set()
        may_end.wait(20)
        del arguments

    monkeypatch.setattr(threading.Thread, "run", linger)
    held: list[weakref.ref[threading.Event]] = []

    def refuse() -> None:
        mine = threading.Event()
        held.append(weakref.ref(mine))
        raise ConnectionRefusedError("no")

    gc.disable()
    try:
        with contextlib.suppress(ConnectionRefusedError):
            await unawaited(refuse)
        assert await asyncio.to_thread(has_made_it.wait, 20)
        assert held[0]() is None
    finally:
        gc.enable()
        may_end.set()
        threads[0].join(20)


async def test_a_call_that_ends_after_it_was_given_up_is_no_error_of_the_loop(reported: list[dict[str, Any]]) -> None:
    loop = asyncio.get_running_loop()
    may_end, has_ended = threading.Event(), asyncio.Event()

    def block() -> None:
        may_end.wait(20)
        loop.call_soon_threadsafe(loop.call_soon, has_ended.set)  # after what the thread has to tell
        raise OSError("too late")

    task = asyncio.ensure_future(unawaited(block))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.wait({task})
    may_end.set()
    await asyncio.wait_for(has_ended.wait(), 20)

    assert reported == []
