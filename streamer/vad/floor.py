"""The level of what sounds when nobody speaks."""

from __future__ import annotations

from collections import deque

from streamer.vad.levels import SILENCE_DBFS


class NoiseFloor:
    """The lowest level of the last seconds, smoothed over 100 ms: between words speech comes down to it."""

    _SMOOTHED = 5

    def __init__(self, frames: int) -> None:
        """``frames``: how long a low level is remembered."""
        self._frames = frames
        self._newest: deque[float] = deque(maxlen=self._SMOOTHED)
        # Positions and levels, both rising: the first is the lowest, each other one the lowest after it.
        self._lowest: deque[tuple[int, float]] = deque()
        self._count = 0

    def hear(self, level: float) -> float:
        """Take a frame's level in dBFS; the floor now, :data:`SILENCE_DBFS` before there is one."""
        self._newest.append(level)
        self._count += 1
        if len(self._newest) < self._SMOOTHED:
            return SILENCE_DBFS
        mean = sum(self._newest) / self._SMOOTHED
        while self._lowest and self._lowest[-1][1] >= mean:
            self._lowest.pop()
        self._lowest.append((self._count, mean))
        while self._lowest[0][0] <= self._count - self._frames:
            self._lowest.popleft()
        return self._lowest[0][1]
