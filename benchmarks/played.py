"""Recordings played one after another into a live meeting, in real time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from benchmarks.speech_span import speech_span
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, Frame, Gap

PAUSE_SECONDS = 1.5
_HISS = 8
"""Largest sample of the hiss between two recordings: −77 dBFS, for no microphone gives exact zeros."""


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
        parts = [_hiss(rng, pause)]
        passages, position = [], pause
        for name, samples in recordings:
            whole = np.concatenate([samples, _hiss(rng, -len(samples) % FRAME_SAMPLES)])
            span = speech_span(samples)
            passages.append(Passage(name, position, position + len(whole), position + span.start, position + span.end))
            parts += [whole, _hiss(rng, pause)]
            position += len(whole) + pause
        self.passages = tuple(passages)
        self.samples = np.concatenate(parts)

    @property
    def seconds(self) -> float:
        """Length of everything."""
        return len(self.samples) / SAMPLE_RATE


class PlayedSource:
    """A :class:`~streamer.interfaces.AudioSource` that gives every frame when its last sample would have sounded."""

    def __init__(self, playlist: Playlist, *, speed: float = 1.0) -> None:
        """``speed``: times as fast as real time; other than 1, what is measured is no latency of a live meeting."""
        self._pcm = playlist.samples.astype("<i2").tobytes()
        self._speed = speed
        self._is_closed = False
        self.started_at = 0.0
        """Time of the event loop at which the first sample sounded."""
        self.behind = 0.0
        """Seconds by which the latest frame came out late at worst."""
        self.name = "playlist"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def time_of(self, sample: int) -> float:
        """Time of the event loop at which a sample sounded."""
        return self.started_at + sample / SAMPLE_RATE / self._speed

    async def frames(self) -> AsyncIterator[Frame | Gap]:
        """Everything, paced."""
        loop = asyncio.get_running_loop()
        self.started_at = loop.time()
        for start in range(0, len(self._pcm) // 2, FRAME_SAMPLES):
            due = self.time_of(start + FRAME_SAMPLES)
            await asyncio.sleep(max(0.0, due - loop.time()))
            self.behind = max(self.behind, loop.time() - due)
            if self._is_closed:
                return
            yield Frame(self._pcm[2 * start : 2 * (start + FRAME_SAMPLES)], start)

    def close(self) -> None:
        """End with the frame that is due next."""
        self._is_closed = True


def _hiss(rng: np.random.Generator, samples: int) -> npt.NDArray[np.int16]:
    return rng.integers(-_HISS, _HISS + 1, samples).astype(np.int16)
