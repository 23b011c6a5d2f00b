"""How far a transcription is, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from streamer.commands.sound_words import sound_words
from streamer.commands.time_left import time_left
from streamer.lengths import length_of
from streamer.sinks.printable import printable
from streamer.types import SAMPLE_RATE

_SHOWN_EVERY_SAMPLES = SAMPLE_RATE
"""Sound between two updates of the bar."""


class TranscriptionProgress:
    """A bar for the file at hand, on stderr, if that is a terminal; counts the decoded sound in any case."""

    def __init__(self, files: int, clock: Callable[[], float] = time.monotonic) -> None:
        """``clock``: seconds that only grow."""
        self._files = files
        self._clock = clock
        self._console = Console(stderr=True)
        self._bar = Progress(
            # File names are not ours: no markup.
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            _SpeedColumn(),
            _RemainingColumn(),
            console=self._console,
            get_time=clock,
            transient=True,
            disable=not self._console.is_terminal,
            # On one terminal, lines of text must go above the bar; into a file they must not.
            redirect_stdout=sys.stdout.isatty(),
        )
        self._task: TaskID | None = None
        self._number = 0
        self._before = 0
        """Samples of the files before this one."""
        self._samples = 0
        self._shown = 0
        self._started = clock()

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    @property
    def seconds(self) -> float:
        """Sound decoded so far, of all files."""
        return (self._before + self._samples) / SAMPLE_RATE

    @property
    def speed(self) -> float:
        """Seconds of sound for each second that has passed."""
        return self.seconds / max(1e-9, self._clock() - self._started)

    def begin(self, name: str, seconds: float | None) -> None:
        """Go on to the next file. ``seconds``: its length, where it is known."""
        self._number += 1
        if self._task is not None:
            self._bar.remove_task(self._task)
        number = f"{self._number}/{self._files} " if self._files > 1 else ""
        self._task = self._bar.add_task(f"{number}{printable(name)}", total=seconds)
        self._before += self._samples
        self._samples = self._shown = 0

    def complain(self, text: str) -> None:
        """Write a line above the bar; rich does not break it, so that a path in it can be copied."""
        self._console.out(f"streamer: {printable(text)}", highlight=False)

    def reach(self, position: int) -> None:
        """The file is decoded up to this sample."""
        self._samples = position
        if self._task is not None and (self._samples - self._shown) >= _SHOWN_EVERY_SAMPLES:
            self._bar.update(self._task, completed=self._samples / SAMPLE_RATE)
            self._shown = self._samples


class _SpeedColumn(ProgressColumn):
    """How many times faster than the sound, since the file began: utterances are decoded together, many at a time."""

    def render(self, task: Task) -> Text:
        speed = _speed(task)
        return Text("" if speed is None else sound_words().speed.format(speed=speed))


class _RemainingColumn(ProgressColumn):
    """How long the file still takes at that speed."""

    def render(self, task: Task) -> Text:
        speed = _speed(task)
        if speed is None or task.remaining is None:
            return Text(time_left("-:--:--"))
        return Text(time_left(length_of(round(max(0.0, task.remaining) / speed))))


def _speed(task: Task) -> float | None:
    return task.completed / task.elapsed if task.completed and task.elapsed else None
