"""A meeting in which nobody has spoken for so long that it was forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from streamer.types import SAMPLE_RATE


class SilenceLimit:
    """Ends a meeting after minutes without speech: of its sound, or of the clock while no sound comes.

    A pause is no silence: somebody knows of the meeting.
    """

    def __init__(self, minutes: float, end: Callable[[], None]) -> None:
        """``minutes``: 0 for no limit. ``end``: called when it is reached, inside the event loop."""
        self._samples = minutes * 60 * SAMPLE_RATE
        self._end = end
        self._position = self._last_speech = 0
        self._is_away = self._is_paused = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def is_away(self) -> bool:
        """Whether no sound comes from the device."""
        return self._is_away

    def hear(self, position: int, *, is_speech: bool) -> None:
        """Sound has been recorded up to a position, where somebody speaks or not."""
        self._position = position
        if is_speech:
            self._last_speech = position
        if self._samples and position - self._last_speech >= self._samples:
            self._last_speech = position
            self._end()

    def lose_sound(self) -> None:
        """The device is away."""
        self._is_away = True
        self._arm()

    def find_sound(self) -> None:
        """Something has come from the device."""
        self._is_away = False
        self.stop()

    def pause(self) -> None:
        """Until :meth:`resume`, nothing is silence."""
        self._is_paused = True
        self.stop()

    def resume(self) -> None:
        """The meeting goes on: silence is counted from now on."""
        self._is_paused = False
        self._last_speech = self._position
        if self._is_away:
            self._arm()

    def stop(self) -> None:
        """Wait for nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self) -> None:
        self.stop()
        if self._samples and not self._is_paused:
            left = (self._samples - (self._position - self._last_speech)) / SAMPLE_RATE
            self._timer = asyncio.get_running_loop().call_later(max(0.0, left), self._end)
