"""The level of what sounds when nobody speaks."""

from __future__ import annotations

from collections import deque

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

    def hear(self, level: float) -> float:
        """Take a frame's level in dBFS; the floor now, :data:`SILENCE_DBFS` before there is one."""
        oldest, second, third, fourth = self._newest
        self._newest = (second, third, fourth, level)
        self._count = count = self._count + 1
        if count < _SMOOTHED:
            return SILENCE_DBFS
        mean = (oldest + second + third + fourth + level) / _SMOOTHED
        lowest = self._lowest
        while lowest and lowest[-1][1] >= mean:
            lowest.pop()
        lowest.append((count, mean))
        while lowest[0][0] <= count - self._frames:
            lowest.popleft()
        return lowest[0][1]
