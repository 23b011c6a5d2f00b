"""When a meeting was paused: of sound that is missing meanwhile, nobody wants to know."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from streamer.types import Gap

_LEAST = timedelta(milliseconds=100)
"""What is left of a gap beside a pause and is shorter than this is how late sound comes, not sound that is missing."""


class Pauses:
    """The pauses since sound was recorded last; more than one where the device is away meanwhile."""

    def __init__(self) -> None:
        # Bounded by how often a person pauses while no sound comes.
        self._over: list[tuple[datetime, datetime]] = []
        self._began_at: datetime | None = None
        self._goes_on = asyncio.Event()
        self._is_given_up = False

    @property
    def is_on(self) -> bool:
        """Whether the meeting is paused now."""
        return self._began_at is not None

    async def over(self) -> None:
        """Wait until the meeting is not paused, or ends."""
        while self.is_on and not self._is_given_up:
            await self._goes_on.wait()

    def give_up(self) -> None:
        """The meeting ends, in a pause or not: nobody waits any more."""
        self._is_given_up = True
        self._goes_on.set()

    def begin(self, at: datetime) -> None:
        """The meeting is paused from now on."""
        self._began_at = at
        self._goes_on.clear()

    def end(self, at: datetime) -> None:
        """The meeting goes on."""
        if self._began_at is not None:
            self._over.append((self._began_at, at))
        self._began_at = None
        self._goes_on.set()

    def forget(self) -> None:
        """Sound is recorded again: no gap that is still to be told of reaches back to these pauses."""
        self._over.clear()

    def outside(self, gap: Gap) -> Iterator[Gap]:
        """The parts of a gap that lie in no pause, in order; all of it where there was none."""
        if not self._over and self._began_at is None:
            yield gap
            return
        ended_at = gap.started_at + timedelta(seconds=gap.seconds)
        spans = [*self._over, *([] if self._began_at is None else [(self._began_at, ended_at)])]
        begins_at = gap.started_at
        for paused_at, resumed_at in [*spans, (ended_at, ended_at)]:
            # Sound that waits to be heard has a pause come before a gap that is over by then.
            left = min(paused_at, ended_at) - begins_at
            if left >= _LEAST:
                yield replace(gap, started_at=begins_at, seconds=left.total_seconds())
            begins_at = max(begins_at, resumed_at)
