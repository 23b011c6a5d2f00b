"""Frames that came together, before the segmenter has decided about them."""

from __future__ import annotations

from streamer.vad.heard import Heard


class Unheard:
    """Frames in a row about which nothing was decided yet; true while there are any."""

    __slots__ = ("_at", "_floors", "_levels", "_speech")

    def __init__(self, levels: list[float], floors: list[float], speech: bytes) -> None:
        """What is known of each: its level, the floor, and whether the detector hears speech, loud enough to go on."""
        self._levels = levels
        self._floors = floors
        self._speech = speech
        self._at = 0

    def __bool__(self) -> bool:
        return self._at < len(self._levels)

    @property
    def next(self) -> tuple[float, int]:
        """Level of the next frame, and whether the detector hears speech."""
        return self._levels[self._at], self._speech[self._at]

    def before_speech(self) -> int:
        """How many come before the first speech."""
        speech = self._speech.find(1, self._at)
        return (len(self._speech) if speech < 0 else speech) - self._at

    def silent(self, most: int, below: float) -> int:
        """How many of the next ones hold no speech and are softer than a level."""
        stop = first = self._at
        last = min(first + most, len(self._levels))
        while stop < last and not self._speech[stop] and self._levels[stop] < below:
            stop += 1
        return stop - first

    def speech(self, most: int) -> list[float]:
        """Levels of the next ones that hold speech."""
        last = min(self._at + most, len(self._levels))
        silent = self._speech.find(0, self._at, last)
        return self._levels[self._at : last if silent < 0 else silent]

    def move(self, heard: Heard, kinds: bytes) -> None:
        """Put the next ones behind those that were heard."""
        first, self._at = self._at, self._at + len(kinds)
        heard.kinds += kinds
        heard.levels += self._levels[first : self._at]
        heard.floors += self._floors[first : self._at]
