"""Which of many numbers need not be looked up, because they are not there."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_FACTOR = np.uint32(2654435769)
"""2³² divided by the golden ratio, odd: neighbours are scattered (Knuth, The Art of Computer Programming 3, 6.4)."""
_ROOM = 4
"""Bits for each number, at least: less than a fourth of what is not there gets through."""


class Sieve:
    """Lets every number through that is known and few others (Bloom 1970, with one bit a number)."""

    def __init__(self, known: npt.NDArray[Any]) -> None:
        """Take the numbers."""
        size = max(3, int(_ROOM * len(known)).bit_length())
        self._shift = np.uint32(32 - size)
        is_known = np.zeros(1 << size, np.bool_)
        is_known[self._scattered(known)] = True
        self._bits = np.packbits(is_known, bitorder="little")

    def passes(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
        """Whether each may be one of those that are known."""
        places = self._scattered(numbers)
        bits = self._bits.take(places >> np.uint32(3)) >> (places & np.uint32(7)).astype(np.uint8)
        return (bits & np.uint8(1)).view(np.bool_)

    def _scattered(self, numbers: npt.NDArray[Any]) -> npt.NDArray[np.uint32]:
        return (numbers.astype(np.uint32) * _FACTOR) >> self._shift
