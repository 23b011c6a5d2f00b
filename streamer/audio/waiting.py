"""Sound that waits for the disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, Frame

WAITING_FRAMES = 3000
"""Frames kept in memory while the disk refuses (60 s): enough to go on decoding, and written if it recovers."""


class WaitingSound:
    """Frames that are not written yet, in order; true while there are any."""

    def __init__(self) -> None:
        # Bounded by forget_oldest; no maxlen: sound that comes together may be longer, and the disk takes it all.
        self._frames: deque[Frame] = deque()
        self._lost = 0

    def __bool__(self) -> bool:
        return bool(self._frames)

    @property
    def start_sample(self) -> int:
        """Position of the first one; there is one."""
        return self._frames[0].start_sample

    @property
    def pcm(self) -> bytes:
        """All of it, in a row."""
        return b"".join(frame.pcm for frame in self._frames)

    @property
    def lost_seconds(self) -> float:
        """How much was given up so far."""
        return self._lost * FRAME_SAMPLES / SAMPLE_RATE

    def add(self, frames: Iterable[Frame]) -> None:
        """More of it has come."""
        self._frames.extend(frames)

    def together(self, piece_samples: int) -> list[Frame]:
        """The first ones, up to where a piece of that length ends or sound is missing."""
        # Where some is missing, every later frame lies behind its place in the row.
        first = self.start_sample
        end = first - first % piece_samples + piece_samples
        return [
            frame
            for position, frame in zip(range(first, end, FRAME_SAMPLES), self._frames, strict=False)
            if frame.start_sample == position
        ]

    def written(self, count: int) -> None:
        """The disk has taken so many of the first ones."""
        for _ in range(count):
            self._frames.popleft()

    def forget_oldest(self) -> None:
        """Keep the last minute of it; what is given up is counted."""
        while len(self._frames) > WAITING_FRAMES:
            self._frames.popleft()
            self._lost += 1

    def give_up(self) -> None:
        """The disk will not take it any more."""
        self._lost += len(self._frames)
        self._frames.clear()
