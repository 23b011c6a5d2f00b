"""Pairs of small numbers that are looked up by the thousand: a bit each, and a count before every eight."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

_ONES = np.array([number.bit_count() for number in range(256)], np.uint8)
"""How many bits of a byte are set."""


class PairTable:
    """Where pairs lie among those that are known (a bitmap with ranks; Jacobson 1989, "Space-efficient static trees").

    Nothing is searched: a pair takes a fifth of the time that it takes
    :class:`~streamer.asr.search.key_table.KeyTable`, and what is known of one first number lies together in the
    processor's cache.
    """

    def __init__(self, keys: npt.NDArray[Any], width: int) -> None:
        """Take the pairs.

        Args:
            keys: first × width + second of each, ascending, each once.
            width: above every first and second number.
        """
        self._width = width
        is_known = np.zeros(width * width, np.bool_)
        is_known[keys] = True
        self._bits = np.packbits(is_known, bitorder="little")
        ones = _ONES.take(self._bits)
        self._ranks = ones.cumsum(dtype=np.int32)
        self._ranks -= ones

    def find(self, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Places of pairs among the keys, −1 where they are not there. Numbers are 0 or more and below the width."""
        place = first * self._width + second
        byte = place >> 3
        # Of its byte only the pair's own bit and those before it, its own as the highest.
        held = self._bits.take(byte) << (7 - (place & 7)).astype(np.uint8)
        np.add(self._ranks.take(byte), _ONES.take(held & np.uint8(0x7F)), out=place)
        place[held < 0x80] = -1
        return place
