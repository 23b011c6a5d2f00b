"""The level of what sounds when nobody speaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence

import numpy as np

from streamer.vad.levels import SILENCE_DBFS

_SMOOTHED = 5
"""Frames, 100 ms."""
_MANY = 50
"""Frames from which arrays of all of them cost less than one after another; of 200 a third."""


class NoiseFloor:
    """The lowest level of the last seconds, smoothed over 100 ms: between words speech comes down to it."""

    def __init__(self, frames: int) -> None:
        """``frames``: how long a low level is remembered."""
        self._frames = frames
        self._newest: tuple[float, ...] = (0.0, 0.0, 0.0, 0.0)
        """Levels of the four frames before, the oldest first, once there are four."""
        # Positions and levels, both rising: the first is the lowest, each other one the lowest after it.
        self._lowest: deque[tuple[int, float]] = deque()
        self._count = 0

    def hear(self, levels: Sequence[float]) -> list[float]:
        """Take the levels of frames in dBFS; the floor at each, :data:`SILENCE_DBFS` before there is one.

        It makes no difference how many come at once.
        """
        if len(levels) < _MANY or self._count < _SMOOTHED:
            return self._hear_each(levels)
        floors: list[float] = []
        for first in range(0, len(levels), self._frames):
            floors += self._hear_many(levels[first : first + self._frames])
        return floors

    def _hear_many(self, levels: Sequence[float]) -> list[float]:
        """As :meth:`_hear_each`, of no more frames than are remembered: none of them is forgotten at the last one."""
        before, count = self._count, len(levels)
        known = np.array([*self._newest, *levels])
        # In the order in which they are added one after another: the same bits.
        means = known[:count] + known[1 : count + 1]
        for later in range(2, _SMOOTHED):
            means += known[later : count + later]
        means /= _SMOOTHED
        lowest = np.minimum.accumulate(means)
        positions, values = (np.array(each) for each in zip(*self._lowest, strict=True))
        remembered = positions.searchsorted(np.arange(before + 1, before + count + 1) - self._frames, side="right")
        floors: list[float] = np.minimum(lowest, np.append(values, np.inf)[remembered]).tolist()
        # Of those before, what is remembered at the end; of these, what is lower than all after it.
        kept = slice(remembered[-1], values.searchsorted(lowest[-1]))
        is_lowest = np.append(means[:-1] < np.minimum.accumulate(means[:0:-1])[::-1], True)
        added = is_lowest.nonzero()[0]
        self._lowest = deque(zip(positions[kept].tolist(), values[kept].tolist(), strict=True))
        self._lowest.extend(zip((added + before + 1).tolist(), means[added].tolist(), strict=True))
        self._newest, self._count = tuple(known[-_SMOOTHED + 1 :].tolist()), before + count
        return floors

    def _hear_each(self, levels: Sequence[float]) -> list[float]:
        frames, lowest, count = self._frames, self._lowest, self._count
        oldest, second, third, fourth = self._newest
        floors = []
        for level in levels:
            count += 1
            if count < _SMOOTHED:
                floors.append(SILENCE_DBFS)
            else:
                mean = (oldest + second + third + fourth + level) / _SMOOTHED
                while lowest and lowest[-1][1] >= mean:
                    lowest.pop()
                lowest.append((count, mean))
                if lowest[0][0] <= count - frames:
                    lowest.popleft()
                floors.append(lowest[0][1])
            oldest, second, third, fourth = second, third, fourth, level
        self._newest, self._count = (oldest, second, third, fourth), count
        return floors
