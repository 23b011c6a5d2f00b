"""Between PortAudio's callback, which must never wait, and whoever writes: sound, and what of it is missing.

Light: the capture process imports it.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from queue import SimpleQueue
from typing import Any

from streamer.audio.capturing.capture_wire import Lost, Message, Refused, Sound
from streamer.audio.capturing.stall import STALL_SECONDS, Stall
from streamer.system.asleep import slept_seconds

BLOCK_SECONDS = 0.02
"""What the device is asked for at once."""
_RING_SECONDS = 60.0
"""Sound that waits while the parent does not read; more is lost, and counted. PulseAudio keeps as much where nobody
takes it, and gives it at once."""
_LATE_SECONDS = 0.5
"""After which a first sound is late, as of an idle sink's monitor: what is said meanwhile is missing."""
_LEAST_LOSS_SECONDS = 0.1
"""Smaller losses are added up until they reach this: each report interrupts the captions."""
_OVERFLOW = "sound came faster than it could be taken"
_STOOD_STILL = "the sound server, or this program, stood still"


class Ring:
    """Passes on what a device gives, in order; called by PortAudio's thread."""

    def __init__(self, outgoing: SimpleQueue[Message | None], rate: int) -> None:
        self._outgoing = outgoing
        self._rate = rate
        self._lost = 0.0
        """Seconds that are not reported yet."""
        self._heard_at: float | None = None
        self._opened_at: float | None = None
        self._slept = slept_seconds()
        self._stall: Stall | None = None
        self._stopped = ""
        """Why it stalled."""

    def note_open(self) -> None:
        """The device is open: from now on sound is expected."""
        self._opened_at = time.monotonic() + slept_seconds()

    def on_sound(self, sound: Any, samples: int, _time: Any, status: Any) -> None:
        """PortAudio's callback: runs in its thread, copies, and returns."""
        slept, lasts = slept_seconds(), samples / self._rate
        now = time.monotonic() + slept
        heard, late = Sound(bytes(sound)), 0.0
        if self._heard_at is not None:
            late = now - self._heard_at - lasts
        elif self._opened_at is not None and (missing := now - self._opened_at - lasts) >= _LATE_SECONDS:
            self._outgoing.put(Lost(missing, "the device gave its first sound late", now - lasts))
        stopped = "the computer slept" if slept - self._slept >= STALL_SECONDS else _STOOD_STILL
        if self._stall is None and late >= STALL_SECONDS:
            self._stall, self._stopped = Stall(), stopped
        self._heard_at, self._slept = now, slept
        if (stall := self._stall) is not None:
            self._pass_late(stall, stall.take(heard, lasts, late, now), now)
            if stall.is_over:
                # It stood still once more before it was known what is missing: the next stall.
                again = stall.behind - stall.missing
                self._stall, self._stopped = (Stall(again), stopped) if again >= STALL_SECONDS else (None, "")
            return
        if status.input_overflow:
            self._lost += max(0.0, late)
        self._put(heard, lasts, now - lasts)

    def on_end(self) -> None:
        """PortAudio ended the stream by itself: the device or its server is gone."""
        self._outgoing.put(Refused("the device or its sound server went away"))

    def _pass_late(self, stall: Stall, sounds: Sequence[tuple[Sound, float]], now: float) -> None:
        """Pass on what a stall lets go, with what is missing before it."""
        began_at = now - (stall.behind - stall.missing) - sum(lasts for _, lasts in sounds)
        if stall.missing:
            # What was lost of the sound that had waited was lost right before.
            self._outgoing.put(Lost(stall.missing + self._lost, self._stopped, began_at))
            self._lost = 0.0
        for sound, lasts in sounds:
            self._put(sound, lasts, began_at)
            began_at += lasts

    def _put(self, sound: Sound, lasts: float, began_at: float) -> None:
        if self._outgoing.qsize() * BLOCK_SECONDS >= _RING_SECONDS:
            self._lost += lasts
            return
        if self._lost >= _LEAST_LOSS_SECONDS:
            self._outgoing.put(Lost(self._lost, _OVERFLOW, began_at))
            self._lost = 0.0
        self._outgoing.put(sound)
