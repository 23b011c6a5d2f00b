"""An event loop that skips the time in which nothing happens: a day passes as fast as it can be computed.

While anything computes, in the loop or in a worker thread, its clock runs as the computer's does, so that delays are
real ones; only where everything waits for a timer it jumps to that timer.
"""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from datetime import UTC, datetime, timedelta
from typing import Any, ParamSpec, TypeVar

from streamer.pipeline import Worker

P = ParamSpec("P")
T = TypeVar("T")

_PATIENCE = 0.05


class Busy:
    """How many calls the worker threads still have."""

    def __init__(self) -> None:
        self._begun = 0
        self._done = 0

    def begin(self) -> None:
        """A call was submitted; in the loop."""
        self._begun += 1

    def end(self) -> None:
        """A call is done; in a worker thread, of which two may come at once: a count lost for a moment is no harm."""
        self._done += 1

    def __bool__(self) -> bool:
        return self._done < self._begun


class CountedWorker(Worker):
    """A worker whose calls keep the clock from jumping."""

    def __init__(self, name: str, busy: Busy) -> None:
        super().__init__(name)
        self._busy = busy

    def submit(self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Have a call run after all calls before it."""
        self._busy.begin()
        future = super().submit(fn, *args, **kwargs)
        # Not as a callback of the future: the one that wakes the loop comes after it, and the clock might jump before.
        super().submit(self._busy.end)
        return future


class _Skipping(selectors.DefaultSelector):
    def __init__(self, busies: list[Busy]) -> None:
        super().__init__()
        self.skipped = 0.0
        self._busies = busies

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        is_busy = any(self._busies)  # asked first: what is done by now has woken the loop
        ready: list[tuple[selectors.SelectorKey, int]] = super().select(0)
        if ready or timeout == 0:
            return ready
        if timeout is None or is_busy:
            ready = super().select(_PATIENCE if timeout is None else min(timeout, _PATIENCE))
        else:
            self.skipped += timeout
        return ready


class SkippingLoop(asyncio.SelectorEventLoop):
    """The loop."""

    def __init__(self, busies: list[Busy]) -> None:
        """``busies``: of the workers; one each, for each is counted by one thread."""
        self._skipping = _Skipping(busies)
        super().__init__(self._skipping)

    def time(self) -> float:
        """Seconds since some moment, skipped ones too."""
        return time.monotonic() + self._skipping.skipped


class LoopClock:
    """The clock of the running loop; implements :class:`streamer.clock.Clock`."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._began = datetime.now(UTC), self._loop.time()

    def monotonic(self) -> float:
        """Seconds since some moment. May be asked from any thread."""
        return self._loop.time()

    def now(self) -> datetime:
        """The wall-clock time of the loop."""
        return self._began[0] + timedelta(seconds=self.monotonic() - self._began[1])

    async def sleep(self, seconds: float) -> None:
        """Wait on the loop."""
        await asyncio.sleep(seconds)


def run_skipping(main: Callable[[], Coroutine[Any, Any, T]], busies: list[Busy]) -> T:
    """Run a coroutine to its end on a skipping loop."""
    with asyncio.Runner(loop_factory=lambda: SkippingLoop(busies)) as runner:
        return runner.run(main())
