"""An event loop whose clock jumps instead of waiting."""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

T = TypeVar("T")

EPOCH = datetime(2026, 11, 20, 14, 30, tzinfo=UTC)
"""Wall-clock time at which every virtual loop begins."""


class _JumpingSelector(selectors.SelectSelector):
    """Never waits: when nothing is ready, the time until the next timer passes at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise RuntimeError("deadlock: no task can run, and no timer is set")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop on virtual time, beginning at 0."""

    def __init__(self) -> None:
        self._jumping = _JumpingSelector()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now

    def stand_still(self, seconds: float) -> None:
        """Time passes, and nothing runs meanwhile."""
        self._jumping.now += seconds


class VirtualClock:
    """The clock of the running virtual loop; implements :class:`streamer.clock.Clock`."""

    def __init__(self) -> None:
        self.set_back_s = 0.0
        """How far somebody has set the wall clock back."""

    def monotonic(self) -> float:
        return asyncio.get_running_loop().time()

    def now(self) -> datetime:
        return EPOCH + timedelta(seconds=self.monotonic() - self.set_back_s)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


def stand_still(seconds: float) -> None:
    """Time passes while the program, which runs on a virtual loop, is stopped."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    loop.stand_still(seconds)


def run_virtual(main: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end on a virtual loop."""
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(main)
