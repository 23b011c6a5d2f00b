"""What stands on a terminal above the region that changes, and how much of it is in sight. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from streamer.sinks.layout import Line, Size, rows_when_broken
from streamer.sinks.passages import Passage

Wrap = Callable[[Passage, Size], Sequence[Line]]
"""The rows of a passage on a terminal of that size."""

_REMEMBERED = 300
"""Passages kept for drawing them anew; more than the highest terminal shows."""


@dataclass(frozen=True, slots=True)
class _Written:
    """A passage and for which size it was written; a terminal may have broken its rows since.

    Not the rows: they take several times as much, and are needed only when the window changes.
    """

    passage: Passage
    size: Size


class Standing:
    """Follows which finished passages are in sight for sure, without asking the terminal.

    Most terminals break rows that are too wide for them when they are made narrower, and push others into their history
    for that: there, passages are the terminal's once they are written. Where rows are cut off instead, those in sight
    are drawn anew.
    """

    def __init__(self, wrap: Wrap, *, breaks_rows: bool = True) -> None:
        """``breaks_rows``: whether the terminal does so when it is made narrower."""
        self._wrap = wrap
        self._breaks_rows = breaks_rows
        self._passages: deque[_Written] = deque(maxlen=_REMEMBERED)
        self._older: deque[_Written] = deque(maxlen=_REMEMBERED)
        """Passages above what a shell wrote when it had the terminal."""
        self._size = Size(0, 0)
        """One for all passages that were written for it: each picture comes with its own."""
        self._below = 0
        """Empty rows below the cursor, at most."""
        self._spilled: Size | None = None
        """For which the region was written of which rows went into the terminal's history; None: none did."""

    def begin(self, size: Size) -> None:
        """Passages are written from the cursor's row on; nobody has told which that is."""
        self._older += self._passages
        self._passages.clear()
        self._below = size.rows - 1

    def add(self, passages: Iterable[Passage], size: Size) -> list[Line]:
        """Passages are written below those before; their rows."""
        if size != self._size:
            self._size = size
        added = [_Written(one, self._size) for one in passages]
        self._passages += added
        return [row for one in added for row in self._rows(one)]

    def moved(self, rows: int) -> None:
        """The cursor went down by so many rows, or up."""
        self._below = max(0, self._below - rows)

    def has_spilled(self, size: Size) -> bool:
        """Whether rows of an earlier region may come back into sight: the terminal grows again at which they broke."""
        spilled, self._spilled = self._spilled, None
        if spilled is None:
            return False
        if size.columns < spilled.columns or size.rows < spilled.rows:
            self._spilled = spilled
        return True

    def take_resized(self, region: Sequence[Line], before: Size, size: Size) -> tuple[int, list[Passage]]:
        """What to draw anew on a terminal of another size: rows up to the cursor's, and the passages in them.

        What may be in the terminal's history stays as it is: so nothing is lost, and nothing is there twice. What is
        taken is forgotten until it is added again.

        Args:
            region: the rows below the passages, with the cursor in the last of them.
            before: the size when they were written.
            size: the size now.
        """
        self._below = max(0, self._below + size.rows - before.rows)
        if self._breaks_rows:
            height = self._height(region, size)
            if height > size.rows:
                self._spilled = before
            return min(size.rows, height), []
        if size.columns >= before.columns:
            return len(region), []
        in_sight = max(len(region), size.rows - self._below)
        taken = self._take(lambda one: len(self._rows(one)), in_sight - len(region))
        return len(region) + sum(len(self._rows(one)) for one in taken), [one.passage for one in taken]

    def take_all(self, region: Sequence[Line], size: Size) -> list[Passage]:
        """The passages that may be in sight above a region, in full; they are forgotten until they are added again."""
        self._passages = deque([*self._older, *self._passages], maxlen=_REMEMBERED)
        self._older.clear()
        taken = self._take(lambda one: self._height(self._rows(one), size), size.rows - len(region))
        return [one.passage for one in taken]

    def stand_at(self, below: int) -> None:
        """The whole screen was drawn: so many empty rows are below the cursor."""
        self._below = below

    def _rows(self, one: _Written) -> Sequence[Line]:
        """Its rows as they were written."""
        return self._wrap(one.passage, one.size)

    def _height(self, rows: Sequence[Line], size: Size) -> int:
        return sum(rows_when_broken(row, size.columns) for row in rows) if self._breaks_rows else len(rows)

    def _take(self, height: Callable[[_Written], int], rows: int) -> list[_Written]:
        taken: deque[_Written] = deque()
        while self._passages and (needed := height(self._passages[-1])) <= rows:
            rows -= needed
            taken.appendleft(self._passages.pop())
        return list(taken)
