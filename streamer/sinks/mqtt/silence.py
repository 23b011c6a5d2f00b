"""Which rooms have gone silent: their streamer, the broker or the network hangs, and nobody says so. Pure.

A room that holds a meeting tells its figures at an interval of its own, also while nobody speaks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

from streamer.types import MeetingEnded, MeetingEvent, Notice, Severity

SILENT_KEY = "mqtt.silent"
"""Begins the key of the notice that a room has gone silent; its room follows."""
SILENT = "silent"
"""Its text, and empty where something comes again."""
NOBODY_KEY = "mqtt.nobody"
NOBODY = "nobody"
"""Key of the notice that no room has told of a meeting, and its text; empty where one has."""
_FIRST_SECONDS = 5.0
"""A broker gives at once what it keeps of a room (its state, its presence)."""
_AGAIN_SECONDS = 30.0
"""A room whose link was lost as well, for the broker was away, tries it again at intervals that may grow to this."""
_SHORTEST_INTERVAL = 10.0
"""Seconds: figures that waited somewhere come together."""
_PATIENCE = 2.5
"""Intervals without anything."""


@dataclass(slots=True)
class _Room:
    heard: float
    """When anything came last …"""
    told: float | None = None
    """… and figures; None: not since there is a reason to expect them."""
    interval: float | None = None
    """Between the last two figures; None: not known."""
    is_silent: bool = False

    @property
    def due(self) -> float:
        """When something has to have come."""
        if self.interval is None or self.is_silent:
            return math.inf
        return self.heard + _PATIENCE * max(self.interval, _SHORTEST_INTERVAL)


class Silence:
    """Notices that rooms have gone silent, and that they have not any more. Times are seconds of any one clock."""

    def __init__(self) -> None:
        self._rooms: dict[str, _Room] = {}
        """Bounded by those that publish."""
        self._first = math.inf
        """When something of any room has to have come."""
        self._is_nobody = False
        self._missed: set[str] = set()
        """Rooms that held a meeting when the link was lost, of which nothing has come since it is back."""

    @property
    def due(self) -> float:
        """When to ask :meth:`gone`; infinity where nothing is expected."""
        return min((self._first, *(room.due for room in self._rooms.values())))

    def begin(self, now: float) -> None:
        """Rooms are listened to from now on."""
        if not self._is_nobody:
            self._first = now + (_AGAIN_SECONDS if self._missed else _FIRST_SECONDS)

    def hear(self, name: str, leaf: str, events: tuple[MeetingEvent, ...], now: float) -> Iterator[Notice]:
        """Take a message of a room, with what it means."""
        room = self._rooms.setdefault(name, _Room(now))
        room.heard = now
        self._missed.discard(name)
        if not self._missed:
            self._first = math.inf
        if self._is_nobody:
            self._is_nobody = False
            yield Notice(NOBODY_KEY, Severity.INFO, "")
        if room.is_silent:
            room.is_silent = False
            yield Notice(f"{SILENT_KEY}.{name}", Severity.INFO, "")
        if leaf == "metrics":
            room.interval = None if room.told is None else now - room.told
            room.told = now
        elif leaf == "status" or any(isinstance(event, MeetingEnded) for event in events):
            # Whoever leaves tells nothing any more; whoever comes begins anew.
            room.told = room.interval = None

    def gone(self, now: float) -> Iterator[Notice]:
        """Rooms of which something should have come by now, each once."""
        if self._first <= now:
            self._first, self._is_nobody = math.inf, not self._missed
            if self._is_nobody:
                yield Notice(NOBODY_KEY, Severity.WARNING, NOBODY)
            for name in sorted(self._missed):  # it ended meanwhile, or hangs, and the broker knows nothing of it
                self._rooms[name] = _Room(now, is_silent=True)
                yield Notice(f"{SILENT_KEY}.{name}", Severity.WARNING, SILENT)
            self._missed.clear()
        for name, room in self._rooms.items():
            if room.due <= now:
                room.is_silent = True
                yield Notice(f"{SILENT_KEY}.{name}", Severity.WARNING, SILENT)

    def forget(self) -> Iterator[Notice]:
        """Expect nothing: the link is lost, which is told as such."""
        for name, room in self._rooms.items():
            if room.told is not None or room.is_silent:
                self._missed.add(name)
            if room.is_silent:
                yield Notice(f"{SILENT_KEY}.{name}", Severity.INFO, "")
        if self._is_nobody:
            yield Notice(NOBODY_KEY, Severity.INFO, "")
        self._rooms.clear()
        self._first, self._is_nobody = math.inf, False
