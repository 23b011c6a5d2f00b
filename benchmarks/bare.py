"""Transcribing against the bare model calls: both in turn, on some cores."""

from __future__ import annotations

import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
import soundfile

from benchmarks.corpus import Recording
from benchmarks.played import Playlist
from streamer.asr.runners.onnx import OnnxRunner
from streamer.audio.files import SoundFile
from streamer.settings import load_settings
from streamer.transcriber import open_transcriber
from streamer.types import SAMPLE_RATE

Feeds = dict[str, npt.NDArray[Any]]


@dataclass(frozen=True, slots=True)
class Round:
    """Everything once, then the models alone, on the same tensors; seconds of time and of CPU."""

    wall_s: float
    cpu_s: float
    bare_wall_s: float
    bare_cpu_s: float


@dataclass(frozen=True, slots=True)
class Transcribed:
    """Rounds on some cores."""

    cores: int
    seconds: float
    """Of sound, pauses included."""
    characters: int
    calls: int
    """Of models."""
    rounds: Sequence[Round]

    @property
    def ratios(self) -> list[float]:
        """CPU of everything over that of the bare model calls right after it, of each round, ascending."""
        return sorted(each.cpu_s / each.bare_cpu_s for each in self.rounds)

    @property
    def quickest(self) -> Round:
        """The least of each: what others took of the machine's time is the least in it."""
        return Round(*(min(column) for column in zip(*map(astuple, self.rounds), strict=True)))


class Taken:
    """The calls of models, with their tensors."""

    def __init__(self) -> None:
        self.calls: dict[int, list[tuple[OnnxRunner, Feeds]]] = {}
        """Of each thread, in order."""

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Keep every call."""
        run = OnnxRunner.run

        def kept(runner: OnnxRunner, feeds: Mapping[str, npt.NDArray[Any]]) -> Feeds:
            self.calls.setdefault(threading.get_ident(), []).append((runner, dict(feeds)))
            return run(runner, feeds)

        OnnxRunner.run = kept  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            OnnxRunner.run = run  # type: ignore[method-assign]


def transcribe(recordings: Sequence[Recording], pack: str, cores: int, repeats: int) -> Transcribed:
    """Transcribe a file on so many cores, then run its model calls alone, and so on in turn."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    settings = load_settings(overrides={"recognizer": {"pack": pack, "threads": cores}})
    playlist = Playlist((one.name, one.samples()) for one in recordings)
    rounds: list[Round] = []
    with tempfile.TemporaryDirectory() as folder, open_transcriber(settings) as transcriber:
        path = Path(folder) / "playlist.wav"
        soundfile.write(path, playlist.samples, SAMPLE_RATE)

        def run() -> int:
            with SoundFile(path) as file:
                return sum(len(segment.spoken) for segment in transcriber.segments(file.runs()))

        taken = Taken()
        with taken.watching():
            run()
        parts = [[_bare(*call) for call in calls] for calls in taken.calls.values()]

        def again() -> int:
            with ThreadPoolExecutor(len(parts)) as threads:
                return sum(threads.map(_run_bare, parts))

        for _ in range(repeats):
            characters, *whole = _timed(run)
            calls, *bare = _timed(again)
            rounds.append(Round(*whole, *bare))
    return Transcribed(cores, playlist.seconds, characters, calls, rounds)


def _bare(runner: OnnxRunner, feeds: Feeds) -> tuple[Any, Sequence[str], Feeds]:
    """What ONNX Runtime is given."""
    return runner._session, runner._names, feeds  # noqa: SLF001 - bare, as said


def _run_bare(calls: Sequence[tuple[Any, Sequence[str], Feeds]]) -> int:
    """Run models; how many runs there were."""
    for session, names, feeds in calls:
        session.run(names, feeds)
    return len(calls)


def _timed(call: Callable[[], int]) -> tuple[int, float, float]:
    """What a call gives, its seconds, and those of CPU in all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    value = call()
    return value, time.perf_counter() - wall, time.process_time() - cpu
