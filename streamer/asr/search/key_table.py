"""Sorted whole numbers that are looked up by the thousand, in two and a quarter bytes each; pure numpy."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

_ROW: Final = 16
"""Numbers that are compared at once."""
_LOW: Final = 0xFFFF
"""What of a number a row holds; the rest is that of the row's first one."""

Ids = npt.NDArray[Any]
"""Of 32 or 64 bits."""


class KeyTable:
    """Where numbers lie that are known.

    They lie in rows of 16, of which the first is searched for and the others are compared by their lower two bytes; a
    row ends early where the upper two change. A third less time than a search through all of them, which misses the
    processor's cache at every other step, and half of the memory.
    """

    def __init__(self, rows: npt.NDArray[np.uint16], firsts: Ids) -> None:
        """Take what :meth:`arrange` made: the lower two bytes ``(rows, 16)``, and every row's first number."""
        self._rows = rows
        self._firsts = firsts

    @classmethod
    def arrange(cls, keys: Ids) -> tuple[KeyTable, npt.NDArray[np.int32]]:
        """Put numbers into rows.

        Args:
            keys: ascending, each once, not negative, at least one.

        Returns:
            The table, and the place of every number in it, as :meth:`find` gives it; places ascend too.
        """
        high = keys >> 16
        begins = np.concatenate([[0], np.flatnonzero(high[1:] != high[:-1]) + 1])
        lengths = np.diff(begins, append=len(keys))
        rows = -(-lengths // _ROW)
        ends = np.cumsum(rows)
        shifts = ((ends - rows) * _ROW - begins).astype(np.int32)
        places = np.arange(len(keys), dtype=np.int32) + np.repeat(shifts, lengths)
        filled = np.zeros(int(ends[-1]) * _ROW, keys.dtype)
        filled[places] = keys
        # Behind a row's last number it is repeated: what is found first is the number itself.
        np.maximum.accumulate(filled, out=filled)
        return cls(filled.astype(np.uint16).reshape(-1, _ROW), filled[::_ROW].copy()), places

    @property
    def size(self) -> int:
        """Number of places, a few more than numbers: what is kept beside them has as many entries."""
        return int(self._rows.size)

    def find(self, wanted: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places of numbers, −1 where they are not there. What is sought is about as small as what is known."""
        # Of the keys' own type, or searchsorted would convert all of them. What is below all keys is compared with the
        # last row, which does not hold it either.
        sought = wanted.astype(self._firsts.dtype)
        row = self._firsts.searchsorted(sought, side="right") - 1
        same = self._rows.take(row, axis=0) == sought.astype(np.uint16)[:, None]
        place: npt.NDArray[np.int64] = row * _ROW + same.argmax(axis=1)
        found = (self._firsts.take(row) & ~_LOW) | self._rows.take(place)
        place[found != sought] = -1
        return place
