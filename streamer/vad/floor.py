"""The level of what sounds when nobody speaks."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from streamer.vad.levels import SILENCE_DBFS

_SMOOTHED = 5
"""Frames, 100 ms."""


class NoiseFloor:
    """The lowest level of the last seconds, smoothed over 100 ms: between words speech comes down to it."""

    def __init__(self, frames: int) -> None:
        """``frames``: how long a low level is remembered."""
        self._frames = frames
        self._newest = (0.0, 0.0, 0.0, 0.0)
        """Levels of the four frames before, the oldest first, once there are four."""
        # Positions and levels, both rising: the first is the lowest, each other one the lowest after it.
        self._lowest: deque[tuple[int, float]] = deque()
        self._count = 0

    def hear(self, levels: Iterable[float]) -> list[float]:
        """Take the levels of frames in dBFS; the floor at each, :data:`SILENCE_DBFS` before there is one."""
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
