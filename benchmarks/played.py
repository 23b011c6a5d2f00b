"""Recordings played one after another into a live meeting, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.paced import PacedSource, noise, wait_until
from benchmarks.speech_span import speech_span
from streamer.interfaces import one_frame
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, Frame, FrameRun, Gap

PAUSE_SECONDS = 1.5


@dataclass(frozen=True, slots=True)
class Passage:
    """One recording's place in what is played; positions in samples."""

    name: str
    start: int
    end: int
    """After its last sample."""
    speech_start: int
    """By the rule of :mod:`benchmarks.speech_span`."""
    speech_end: int


class Playlist:
    """Recordings joined by short pauses."""

    def __init__(self, recordings: Iterable[tuple[str, npt.NDArray[np.int16]]]) -> None:
        """``recordings``: names and samples."""
        rng = np.random.default_rng(0)
        pause = round(PAUSE_SECONDS * SAMPLE_RATE)
        parts = [noise(rng, pause)]
        passages, position = [], pause
        for name, samples in recordings:
            whole = np.concatenate([samples, noise(rng, -len(samples) % FRAME_SAMPLES)])
            span = speech_span(samples)
            passages.append(Passage(name, position, position + len(whole), position + span.start, position + span.end))
            parts += [whole, noise(rng, pause)]
            position += len(whole) + pause
        self.passages = tuple(passages)
        self.samples = np.concatenate(parts)

    @property
    def seconds(self) -> float:
        """Length of everything."""
        return len(self.samples) / SAMPLE_RATE


class PlayedSource(PacedSource):
    """An :class:`~streamer.interfaces.AudioSource` that gives frames when the last one wanted would have sounded."""

    def __init__(self, playlist: Playlist, *, speed: float = 1.0) -> None:
        """``speed``: times as fast as real time; other than 1, what is measured is no latency of a live meeting."""
        super().__init__("playlist")
        self._pcm = playlist.samples.astype("<i2").tobytes()
        self._speed = speed
        self.started_at = 0.0
        """Time of the event loop at which the first sample sounded."""
        self.behind = 0.0
        """Seconds by which the latest frame came out late at worst."""

    def time_of(self, sample: int) -> float:
        """Time of the event loop at which a sample sounded."""
        return self.started_at + sample / SAMPLE_RATE / self._speed

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | FrameRun | Gap]:
        """Everything, paced."""
        self.started_at = asyncio.get_running_loop().time()
        start, end = 0, len(self._pcm) // 2
        while start < end:
            due = min(end, start + at_once() * FRAME_SAMPLES)
            self.behind = max(self.behind, await wait_until(self.time_of(due)))
            if self.is_closed:
                return
            yield FrameRun(self._pcm[2 * start : 2 * due], start)
            start = due
