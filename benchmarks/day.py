"""A working day as one source: talk, unbroken speech, silence, noise, pauses, a microphone that goes away."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from benchmarks.paced import PacedSource, noise, wait_until
from streamer.interfaces import one_frame
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, FrameRun, Gap

_NOISE = 600
"""Largest sample of a fan: −40 dBFS."""
_GAP_SECONDS = 2.0
_FRAME_SECONDS = FRAME_SAMPLES / SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Stretch:
    """Part of an hour."""

    kind: str
    """``talk`` with pauses of 1.5 s, ``unbroken`` speech, ``silence``, ``fan``, ``paused`` by a person, ``gap``."""
    minutes: float


HOUR = (
    Stretch("talk", 11), Stretch("gap", 0), Stretch("unbroken", 3), Stretch("silence", 9), Stretch("talk", 6),
    Stretch("fan", 7), Stretch("paused", 10), Stretch("talk", 4), Stretch("gap", 0), Stretch("silence", 10),
)  # fmt: skip
"""What every hour is made of: 24 minutes in which people talk."""


class DaySource(PacedSource):
    """An :class:`~streamer.interfaces.AudioSource` that plays hours in the running loop's time."""

    def __init__(self, recordings: Sequence[npt.NDArray[np.int16]], hours: float) -> None:
        """``recordings``: utterances, at least one."""
        super().__init__("day")
        rng = np.random.default_rng(0)
        self._speech = [one.astype("<i2").tobytes() for one in recordings]
        self._hiss = [noise(rng, FRAME_SAMPLES).tobytes() for _ in range(500)]
        self._fan = [noise(rng, FRAME_SAMPLES, _NOISE).tobytes() for _ in range(500)]
        self._hours = hours
        self._place = 0
        self.now = ""
        """The kind of stretch that is played."""
        self.gaps = 0
        """Interruptions so far."""

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[FrameRun | Gap]:
        """Everything, paced."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._hours * 3600
        due, sample = loop.time(), 0
        while True:
            for stretch in HOUR:
                self.now = stretch.kind
                if stretch.kind == "gap":
                    due += _GAP_SECONDS
                    await wait_until(due)
                    self.gaps += 1
                    yield Gap(sample, datetime.now(UTC), _GAP_SECONDS, "the microphone was away")
                frames = self._sound(stretch)
                while run := list(itertools.islice(frames, at_once())):
                    due += len(run) * _FRAME_SECONDS
                    await wait_until(due)
                    if self.is_closed or due >= end:
                        return
                    yield FrameRun(b"".join(run), sample)
                    sample += len(run) * FRAME_SAMPLES

    def _sound(self, stretch: Stretch) -> Iterator[bytes]:
        """The frames of a stretch; an hour takes less time where the whole day is shorter than an hour."""
        scale = min(1.0, self._hours)
        left = round(stretch.minutes * 60 * scale / _FRAME_SECONDS)
        while left > 0:
            if stretch.kind in {"talk", "unbroken"}:
                pause = 75 if stretch.kind == "talk" else 0
                frames = [*self._utterance(), *self._hiss[:pause]]
            else:
                frames = self._fan if stretch.kind == "fan" else self._hiss
            yield from frames[:left]
            left -= len(frames)

    def _utterance(self) -> Iterator[bytes]:
        pcm = self._speech[self._place % len(self._speech)]
        self._place += 1
        size = 2 * FRAME_SAMPLES
        return (pcm[at : at + size] for at in range(0, len(pcm) - size + 1, size))
