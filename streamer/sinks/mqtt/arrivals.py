"""Which finals of a room have arrived: repeats, and how many were missed. Pure."""

from __future__ import annotations

from collections import OrderedDict

_REMEMBERED = 4096
"""Finals that are remembered; an outbox that replays more than that is longer than a day of speech."""
_MEETINGS = 64
"""Meetings that are counted: one, and those before it of which something is sent late."""


class Arrivals:
    """Finals by segment, for repeats, and by their running number, for what is missing."""

    def __init__(self) -> None:
        # (meeting, segment) → newest final revision; the oldest goes first.
        self._revisions: OrderedDict[tuple[str, int], int] = OrderedDict()
        # Meeting → the sequence that is next; none for a meeting that was not counted yet.
        self._next: OrderedDict[str, int] = OrderedDict()

    def has(self, meeting: str, segment: int) -> bool:
        """Whether any final of a segment has arrived."""
        return (meeting, segment) in self._revisions

    def note(self, meeting: str, segment: int, revision: int) -> bool:
        """Note a final; whether it is news: neither it nor a newer one of its segment was here before."""
        key = (meeting, segment)
        if self._revisions.get(key, -1) >= revision:
            return False
        self._revisions[key] = revision
        if len(self._revisions) > _REMEMBERED:
            self._revisions.popitem(last=False)
        return True

    def begin(self, meeting: str, finals: int) -> None:
        """Count a meeting from now on, of which so many finals need not arrive. One that is counted already goes on."""
        self._next.setdefault(meeting, finals + 1)
        if len(self._next) > _MEETINGS:
            self._next.popitem(last=False)

    def missed_until(self, meeting: str, sequence: int) -> int:
        """How many finals up to this one should have arrived and have not; they are not asked for again."""
        self.begin(meeting, sequence)
        missed = max(0, sequence + 1 - self._next[meeting])
        self._next[meeting] += missed
        return missed

    def take(self, meeting: str, sequence: int) -> int:
        """Note that a final has arrived; how many before it have not."""
        missed = self.missed_until(meeting, sequence - 1)
        self._next[meeting] = max(self._next[meeting], sequence + 1)
        return missed
