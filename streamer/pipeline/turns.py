"""Whose turn it is on the inference thread."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from enum import IntEnum
from typing import Protocol, TypeVar

from streamer.pipeline.worker import Calls

T = TypeVar("T")


class Urgency(IntEnum):
    """What waits to be decoded, most urgent first."""

    FINAL = 0
    """An utterance that has ended."""
    AHEAD = 1
    """A pause that will probably end the utterance."""
    PARTIAL = 2
    """A growing utterance: shed first."""


class Claimant(Protocol):
    """A room that waits for its turn."""

    @property
    def urgency(self) -> Urgency:
        """Of its most urgent work, now: it may change while the room waits."""


class InferenceTurns:
    """Gives each room its turn on the one inference thread: the most urgent first, then who waited longest.

    A room asks for one turn at a time, so a room that is far behind cannot keep the others waiting for more than one
    call each.
    """

    def __init__(self, calls: Calls) -> None:
        """``calls``: the inference thread."""
        self._calls = calls
        # Bounded by the number of rooms: each waits for one turn at most.
        self._waiting: dict[Claimant, asyncio.Future[None]] = {}
        self._served: dict[Claimant, int] = {}
        self._count = 0
        self._busy = False

    async def run(self, claimant: Claimant, take: Callable[[], Callable[[], T]]) -> T:
        """Wait for a turn, then run the call that ``take`` chooses: it is asked late, so it can choose newer sound."""
        await self._turn(claimant)
        try:
            return await self._calls.run(take())
        finally:
            self._pass_on()

    def leave(self, claimant: Claimant) -> None:
        """Forget a room that is done."""
        self._served.pop(claimant, None)

    async def _turn(self, claimant: Claimant) -> None:
        if self._busy:
            self._waiting[claimant] = turn = asyncio.get_running_loop().create_future()
            try:
                await turn
            except asyncio.CancelledError:
                # Cancelled in the moment of being served: the turn goes to somebody else.
                if self._waiting.pop(claimant, None) is None:
                    self._pass_on()
                raise
        self._busy = True
        self._count += 1
        self._served[claimant] = self._count

    def _pass_on(self) -> None:
        waiting = [one for one, turn in self._waiting.items() if not turn.cancelled()]
        self._busy = bool(waiting)
        if waiting:
            chosen = min(waiting, key=lambda one: (one.urgency, self._served.get(one, 0)))
            self._waiting.pop(chosen).set_result(None)
