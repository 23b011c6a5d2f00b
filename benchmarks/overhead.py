"""What live captions cost beside the models: CPU of audio, VAD, features, stitching, store, minutes and terminal.

``python -m benchmarks.overhead --data ../shared/data/dev`` plays utterances in real time into the same meeting that
``streamer run`` holds, and counts CPU time by thread; the time inside the models' own calls is counted apart. The sound
comes through a pipe, 20 ms at a time, as from the process that reads a microphone, which is not counted itself. With
``--unbroken`` nobody pauses.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy.typing as npt
import psutil
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.corpus import read_table
from benchmarks.joined import join
from benchmarks.live import hold
from benchmarks.options import parser_of, settings_of
from benchmarks.played import PlayedSource, Playlist
from streamer.asr.runners.onnx import OnnxRunner
from streamer.audio.stdin import StdinSource
from streamer.interfaces import one_frame
from streamer.types import (
    FRAME_SAMPLES,
    SAMPLE_RATE,
    Frame,
    FrameRun,
    Gap,
    MeetingEvent,
    SegmentFinalized,
    SegmentUpdated,
)

TARGET = 0.05
"""Of one core, for everything that is not a model call."""
_PLAYER = "benchmark-player"


@dataclass(frozen=True, slots=True)
class Cost:
    """CPU seconds for each second of sound."""

    seconds: float
    """Of sound."""
    models: float
    """Inside the models' calls."""
    threads: dict[str, float]
    """Beside them, by thread."""
    partials: int
    finals: int

    @property
    def beside_models(self) -> float:
        """Everything that is not a model call."""
        return sum(self.threads.values())


class ModelClock:
    """CPU time of the thread inside model calls."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Count every call of an ONNX model."""
        run = OnnxRunner.run

        def counted(runner: OnnxRunner, feeds: Mapping[str, npt.NDArray[Any]]) -> dict[str, npt.NDArray[Any]]:
            before = time.thread_time()
            try:
                return run(runner, feeds)
            finally:
                self.seconds += time.thread_time() - before

        OnnxRunner.run = counted  # type: ignore[method-assign, assignment]
        try:
            yield
        finally:
            OnnxRunner.run = run  # type: ignore[method-assign]


class ThreadTimes:
    """CPU time of this process's threads by their names, the threads that have ended too."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}
        self._spent: dict[int, float] = {}

    def look(self) -> None:
        """Note the times now."""
        self._names |= {thread.native_id: thread.name for thread in threading.enumerate() if thread.native_id}
        for thread in psutil.Process().threads():
            self._spent[thread.id] = thread.user_time + thread.system_time

    def by_name(self) -> dict[str, float]:
        """CPU seconds by thread."""
        spent: dict[str, float] = {}
        for thread, seconds in self._spent.items():
            name = self._names.get(thread, "other")
            spent[name] = spent.get(name, 0.0) + seconds
        return spent


class PipedSource(PlayedSource):
    """Plays through a pipe: pacing costs the event loop three times as much as waiting for what a pipe brings."""

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | FrameRun | Gap]:
        """Everything, in real time."""
        outlet, inlet = os.pipe()
        threading.Thread(target=self._play, args=(inlet,), name=_PLAYER, daemon=True).start()
        try:
            async with StdinSource(descriptor=outlet) as source:
                async for item in source.frames(at_once):
                    if self.is_closed:
                        return
                    yield item
        finally:
            os.close(outlet)

    def _play(self, inlet: int) -> None:
        began, size = time.monotonic(), 2 * FRAME_SAMPLES
        with suppress(BrokenPipeError), os.fdopen(inlet, "wb", buffering=0) as pipe:
            for start in range(0, len(self._pcm), size):
                time.sleep(max(0.0, began + (start + size) / (2 * SAMPLE_RATE) - time.monotonic()))
                pipe.write(self._pcm[start : start + size])


async def measure(playlist: Playlist, settings: Any, folder: Path) -> Cost:
    """Play everything in real time and count."""
    models, times = ModelClock(), ThreadTimes()
    before: dict[str, float] = {}
    models_before = 0.0

    class Watched(PipedSource):
        """Looks at the times when the sound begins, and while it lasts: threads end with the meeting."""

        async def frames(self, at_once: Callable[[], int] = one_frame) -> Any:
            nonlocal before, models_before
            times.look()
            before, models_before = times.by_name(), models.seconds
            async for frame in super().frames(at_once):
                if frame.start_sample % 80_000 == 0:  # type: ignore[union-attr]
                    times.look()
                yield frame
            times.look()

    with models.watching():
        events, _ = await hold(Watched(playlist), settings, folder)
    spent = {name: seconds - before.get(name, 0.0) for name, seconds in times.by_name().items()}
    model_seconds = models.seconds - models_before
    spent["streamer-inference"] = max(0.0, spent.get("streamer-inference", 0.0) - model_seconds)
    for own in ("benchmark-reader", _PLAYER):
        spent.pop(own, None)
    return Cost(
        seconds=playlist.seconds,
        models=model_seconds / playlist.seconds,
        threads={name: seconds / playlist.seconds for name, seconds in spent.items()},
        partials=_count(events, SegmentUpdated),
        finals=_count(events, SegmentFinalized),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = parser_of("overhead", __doc__)
    parser.add_argument("--limit", type=int, default=20, help="play only the first N utterances (default: 20)")
    parser.add_argument("--unbroken", action="store_true", help="play them in a row, without their silences")
    options = parser.parse_args(arguments)
    recordings = read_table(options.data / options.table)[: options.limit or None]
    sounds = [(one.name, one.samples()) for one in recordings]
    if options.unbroken:
        sounds = [("unbroken", row.samples) for row in join(recordings, math.inf)]
    playlist = Playlist(sounds)
    settings = settings_of(options)
    with tempfile.TemporaryDirectory() as folder:
        cost = asyncio.run(measure(playlist, settings, Path(folder)))
    if options.json:
        print(json.dumps({**asdict(cost), "beside_models": cost.beside_models}))
        return
    title = f"{cost.seconds:.0f} s of sound, {cost.partials} partials, {cost.finals} finals"
    table = Table("thread", "ms of CPU for each second of sound", title=title)
    for name, share in sorted(cost.threads.items(), key=lambda item: -item[1]):
        table.add_row(name, f"{share * 1000:.1f}")
    table.add_row("all beside the models", f"{cost.beside_models * 1000:.1f} (target ≤ {TARGET * 1000:.0f})")
    table.add_row("model calls", f"{cost.models * 1000:.1f}")
    Console().print(table)


def _count(events: list[tuple[float, MeetingEvent]], kind: type[MeetingEvent]) -> int:
    return sum(1 for _, event in events if isinstance(event, kind))


if __name__ == "__main__":
    main()
