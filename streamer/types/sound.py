"""Sound as it flows: frames, and where some is missing."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

SAMPLE_RATE = 16_000
"""Hertz; every sound inside streamer has this rate, one channel, 16 bits."""
FRAME_SAMPLES = 320
"""Samples in a frame: 20 ms."""


@dataclass(frozen=True, slots=True)
class Frame:
    """20 ms of sound."""

    pcm: bytes
    """640 bytes: 320 samples, signed 16-bit little-endian, mono, 16 kHz."""
    start_sample: int
    """Position of the first sample in the recording."""

    @property
    def frames(self) -> list[Frame]:
        """Itself, as of :class:`FrameRun`."""
        return [self]


@dataclass(frozen=True, slots=True)
class FrameRun:
    """Frames in a row, from a source that has many at once: an object for each would cost as much as hearing it."""

    pcm: bytes
    """One or more frames, as in :class:`Frame`."""
    start_sample: int
    """Position of the first sample in the recording."""

    @property
    def frames(self) -> list[Frame]:
        """Each by itself."""
        size = 2 * FRAME_SAMPLES
        return [Frame(self.pcm[at : at + size], self.start_sample + at // 2) for at in range(0, len(self.pcm), size)]


@dataclass(frozen=True, slots=True)
class Gap:
    """Sound that never arrived: the device was away, its queue overflowed, or the server hung."""

    at_sample: int
    """Position in the recording where sound is missing."""
    started_at: datetime
    """When the sound stopped."""
    seconds: float
    """How long it was missing."""
    reason: str
    """What happened, for a person to read."""

    def after(self, heard_until: datetime, told_at: datetime, behind: timedelta, *, stays_ahead: bool = False) -> Gap:
        """Itself as the meeting dates it, whose clock goes on where the computer's is set back.

        Args:
            heard_until: when the sound before it ended; it does not end before that.
            told_at: when it was over and is told of.
            behind: how far the computer's clock is behind the meeting's then; it may have been set back within the gap.
            stays_ahead: whether sound that is dated ahead of the clock is so after the gap, too, as that of a pipe that
                gave some at once before it began to give it as it sounds; else the clock is right again behind the gap.
        """
        lasted = timedelta(seconds=self.seconds)
        began = self.started_at
        if told_at - (began + lasted) >= behind:
            began += behind
        known_until = began if stays_ahead else began + lasted
        return replace(self, started_at=heard_until if known_until < heard_until else began)
