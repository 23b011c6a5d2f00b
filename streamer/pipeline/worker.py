"""A thread that runs blocking calls one after another."""

from __future__ import annotations

import asyncio
import contextlib
import queue
import threading
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import ParamSpec, Protocol, Self, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_ABORT_SECONDS = 2.0
_DONE = object()


class Calls(Protocol):
    """Runs blocking calls in order, away from the event loop: a :class:`Worker`, or a fake on a virtual clock."""

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Have a call run after all calls before it; its value or exception."""

    def post(self, call: Callable[[], None]) -> None:
        """As :meth:`run`, of a call that must not fail: the event loop is not woken up when it is done."""

    def post_steps(self, steps: Iterator[None]) -> None:
        """Have something long done that must not fail: a step at a time while no call waits."""


class Worker(Executor):
    """A named thread with a queue of calls; a context manager that starts and ends it.

    It is a daemon thread, which those of the standard library's pools are not: a call that hangs (a dead disk, a stuck
    device) cannot keep the program from exiting.
    """

    def __init__(self, name: str, *, capacity: int = 1000, patience: float | None = None) -> None:
        """Prepare the thread.

        Args:
            name: of the thread.
            capacity: calls that may wait.
            patience: seconds that leaving waits for the calls before it; None: as long as they take.
        """
        self._patience = patience
        # Policy: a call beyond the capacity is refused with queue.Full. Callers await their calls, so it bounds them.
        self._calls: queue.Queue[Callable[[], None] | None] = queue.Queue(capacity)
        # Bounded by what posts steps: once a meeting.
        self._aside: deque[Iterator[None]] = deque()
        self._thread = threading.Thread(target=self._loop, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the calls that wait finish; after a failure only briefly."""
        patience = self._patience if kind is None else _ABORT_SECONDS
        with contextlib.suppress(queue.Full):  # of a call that hangs, with as many as may wait behind it
            self._calls.put(None, timeout=patience)
        self._thread.join(patience)

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call run after all calls before it."""
        future: Future[T] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                value = fn(*args, **kwargs)
            except BaseException as error:  # noqa: BLE001 - it belongs to whoever awaits, whatever it is
                future.set_exception(error)
            else:
                future.set_result(value)

        self._calls.put_nowait(work)
        return future

    def run(self, call: Callable[[], T]) -> asyncio.Future[T]:
        """Have a call run after all calls before it; its value or exception.

        A cancelled wait does not stop a call that has begun.
        """
        return asyncio.wrap_future(self.submit(call))

    def post(self, call: Callable[[], None]) -> None:
        """As :meth:`run`, of a call that must not fail: the event loop is not woken up when it is done."""
        self._calls.put_nowait(call)

    def post_steps(self, steps: Iterator[None]) -> None:
        """Have something long done that must not fail: a step at a time while no call waits, and before the end."""
        self.post(lambda: self._aside.append(steps))

    def _loop(self) -> None:
        while (call := self._next()) is not None:
            call()
            del call  # a thread that waits must not keep the last utterance alive
        for steps in self._aside:
            for _ in steps:
                pass

    def _next(self) -> Callable[[], None] | None:
        """The next call, however long it has to be waited for."""
        while self._aside:
            try:
                return self._calls.get_nowait()
            except queue.Empty:
                if next(self._aside[0], _DONE) is _DONE:
                    self._aside.popleft()
        return self._calls.get()
