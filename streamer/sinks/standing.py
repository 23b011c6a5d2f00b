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
    """A passage with its rows as they were written; a terminal may have broken them since."""

    passage: Passage
    rows: tuple[Line, ...]


class Standing:
    """Follows which finished passages are in sight for sure, without asking the terminal.

    What is newest is in sight, what is older has scrolled into the terminal's history. A terminal that is made narrower
    breaks rows that are too wide, and pushes others into its history for that. One that is made higher may fetch them
    back, or not.
    """

    def __init__(self, wrap: Wrap, size: Size, *, breaks_rows: bool = True) -> None:
        """``breaks_rows``: whether the terminal does so when it is made narrower."""
        self._wrap = wrap
        self._breaks_rows = breaks_rows
        self._passages: deque[_Written] = deque(maxlen=_REMEMBERED)
        self._below = size.rows - 1
        """Empty rows below the cursor, at most: nobody has told where it was at first."""

    def add(self, passages: Iterable[Passage], size: Size) -> list[Line]:
        """Passages are written below those before; their rows."""
        added = [_Written(one, tuple(self._wrap(one, size))) for one in passages]
        self._passages += added
        return [row for one in added for row in one.rows]

    def moved(self, rows: int) -> None:
        """The cursor went down by so many rows, or up."""
        self._below = max(0, self._below - rows)

    def take_whole(self, region: Sequence[Line], before: Size, size: Size) -> tuple[int, list[Passage]]:
        """What to draw anew on a terminal of another size: rows up to the cursor's, and the passages in them.

        A passage that may be in the terminal's history, in part or as a whole, stays as the terminal shows it: so
        nothing is lost, and nothing is there twice. What is taken is forgotten until it is added again.

        Args:
            region: the rows below the passages, with the cursor in the last of them.
            before: the size when they were written.
            size: the size now.
        """
        self._below = max(0, self._below + size.rows - before.rows)
        in_sight = size.rows - self._below
        taken = min(size.rows, self._height(region, size.columns))
        whole: deque[Passage] = deque()
        while self._passages:
            height = self._height(self._passages[-1].rows, size.columns)
            if taken + height > in_sight:
                break
            taken += height
            whole.appendleft(self._passages.pop().passage)
        return taken, list(whole)

    def take_newest(self, rows: int, size: Size) -> list[Passage]:
        """The newest passages that fit into so many rows; forgotten until they are added again."""
        newest: deque[Passage] = deque()
        left = rows
        while self._passages and (height := len(self._wrap(self._passages[-1].passage, size))) <= left:
            left -= height
            newest.appendleft(self._passages.pop().passage)
        return list(newest)

    def stand_at(self, below: int) -> None:
        """The whole screen was drawn: so many empty rows are below the cursor."""
        self._below = below

    def _height(self, rows: Sequence[Line], columns: int) -> int:
        return sum(rows_when_broken(row, columns) for row in rows) if self._breaks_rows else len(rows)
