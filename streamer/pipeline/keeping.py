"""Events on their way to the journal, which may not answer for a while."""

from __future__ import annotations

import asyncio
from typing import Final

from streamer.pipeline.storage import Storage
from streamer.types import MeetingEnded, MeetingEvent

_PATIENCE_S: Final = 2.0
"""How long events wait for the journal before people see them all the same: captions that stand still are words lost to
whoever reads them. A disk that answers takes milliseconds."""


class Keeping:
    """Has the journal keep events, in order, with one call at a time however long its disk hangs."""

    def __init__(self, storage: Storage, capacity: int) -> None:
        """``capacity``: events that may be seen before the journal has them."""
        self._storage = storage
        # Policy: everything kept; when full, whoever brings an event waits for the journal.
        self._waiting: list[MeetingEvent] = []
        self._capacity = capacity
        self._asked: asyncio.Future[None] | None = None
        """What the journal was asked to keep, at :attr:`_asked_at`; None where nothing was, or it has answered."""
        self._asked_at = 0.0

    async def keep(self, event: MeetingEvent) -> None:
        """Wait until the journal has an event, and no longer than a while where its disk hangs.

        That a meeting has ended is only told once everything is kept.
        """
        self._waiting.append(event)
        must_be_kept = isinstance(event, MeetingEnded) or len(self._waiting) >= self._capacity
        await self._answer(None if must_be_kept else _PATIENCE_S)

    async def finish(self) -> None:
        """Wait until the journal has everything."""
        await self._answer(None)

    async def _answer(self, patience_s: float | None) -> None:
        loop = asyncio.get_running_loop()
        while (asked := self._ask()) is not None:
            left = None if patience_s is None else max(0.0, self._asked_at + patience_s - loop.time())
            done, _ = await asyncio.wait([asked], timeout=left)
            if not done:
                return

    def _ask(self) -> asyncio.Future[None] | None:
        """What the journal has not answered yet; if it has answered everything, it is asked to keep what waits."""
        if self._asked is not None and self._asked.done():
            self._asked.result()  # a defect ends the meeting
            self._asked = None
        if self._asked is None and self._waiting:
            events, self._waiting = self._waiting, []
            self._asked_at = asyncio.get_running_loop().time()
            self._asked = self._storage.record(events)
            self._asked.add_done_callback(self._ask_again)
        return self._asked

    def _ask_again(self, asked: asyncio.Future[None]) -> None:
        """What has waited meanwhile is next, also where nothing more happens in the meeting."""
        if not asked.cancelled() and asked.exception() is None:
            self._ask()
