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
from statistics import median
from typing import Any

import numpy.typing as npt
import soundfile

from benchmarks.corpus import Recording
from benchmarks.played import Playlist
from streamer.asr.runners.onnx import OnnxRunner
from streamer.audio.files import SoundFile
from streamer.offline.transcriber import Transcriber, open_transcriber
from streamer.settings import load_settings
from streamer.types import SAMPLE_RATE

Feeds = dict[str, npt.NDArray[Any]]

_PIECE = 134
"""Recordings in a piece, some twelve minutes of sound: as in that of a meeting, most groups of a crew are whole. No
more, for the machine's speed changes from second to second: what is compared is run within a few."""


@dataclass(frozen=True, slots=True)
class Spent:
    """Seconds of time and of CPU: for everything, and for the models alone on the same tensors right after it."""

    wall_s: float
    cpu_s: float
    bare_wall_s: float
    bare_cpu_s: float

    @property
    def ratio(self) -> float:
        """CPU of everything over that of the bare model calls."""
        return self.cpu_s / self.bare_cpu_s


@dataclass(frozen=True, slots=True)
class Transcribed:
    """Everything that was transcribed on some cores, a piece after the other, several times."""

    cores: int
    seconds: float
    """Of sound, pauses included."""
    characters: int
    calls: int
    """Of models."""
    rounds: Sequence[Sequence[Spent]]
    """For each piece, in each round."""

    @property
    def typical(self) -> Spent:
        """The median of each piece, all pieces together: what others took of the machine's time now and then is out."""
        return _total(
            [Spent(*(median(each) for each in _columns(rounds))) for rounds in zip(*self.rounds, strict=True)]
        )

    @property
    def ratios(self) -> list[float]:
        """Of each round, ascending."""
        return sorted(_total(pieces).ratio for pieces in self.rounds)


def _columns(spent: Sequence[Spent]) -> list[tuple[float, ...]]:
    return list(zip(*map(astuple, spent), strict=True))


def _total(spent: Sequence[Spent]) -> Spent:
    return Spent(*map(sum, _columns(spent)))


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
    """Transcribe files on so many cores, after each one run its model calls alone; all of that several times."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:cores]))
    settings = load_settings(overrides={"recognizer": {"pack": pack, "threads": cores}})
    with tempfile.TemporaryDirectory() as folder, open_transcriber(settings) as transcriber:
        firsts = range(0, len(recordings), _PIECE)
        pieces = [_Piece(transcriber, recordings[at : at + _PIECE], Path(folder) / f"{at}.wav") for at in firsts]
        rounds = [[piece.spent() for piece in pieces] for _ in range(repeats)]
    seconds, characters, calls = (sum(each) for each in zip(*(piece.size for piece in pieces), strict=True))
    return Transcribed(cores, seconds, int(characters), int(calls), rounds)


class _Piece:
    """Recordings in one file, and the tensors that models are given for them."""

    def __init__(self, transcriber: Transcriber, recordings: Sequence[Recording], path: Path) -> None:
        self._transcriber = transcriber
        self._path = path
        playlist = Playlist((one.name, one.samples()) for one in recordings)
        soundfile.write(path, playlist.samples, SAMPLE_RATE)
        taken = Taken()
        with taken.watching():
            characters = self._transcribe()
        self._threads = [[_bare(*call) for call in calls] for calls in taken.calls.values()]
        self.size = playlist.seconds, characters, sum(map(len, self._threads))

    def spent(self) -> Spent:
        """Everything once, and the models alone."""
        return Spent(*_timed(self._transcribe), *_timed(self._run_bare))

    def _transcribe(self) -> int:
        with SoundFile(self._path) as file:
            return sum(len(segment.spoken) for segment in self._transcriber.segments(file.runs()))

    def _run_bare(self) -> None:
        with ThreadPoolExecutor(len(self._threads)) as threads:
            list(threads.map(_run_bare, self._threads))


def _bare(runner: OnnxRunner, feeds: Feeds) -> tuple[Any, Sequence[str], Feeds]:
    """What ONNX Runtime is given."""
    return runner._session, runner._names, feeds  # noqa: SLF001 - bare, as said


def _run_bare(calls: Sequence[tuple[Any, Sequence[str], Feeds]]) -> None:
    for session, names, feeds in calls:
        session.run(names, feeds)


def _timed(call: Callable[[], object]) -> tuple[float, float]:
    """The seconds of a call, and those of CPU in all threads."""
    wall, cpu = time.perf_counter(), time.process_time()
    call()
    return time.perf_counter() - wall, time.process_time() - cpu
