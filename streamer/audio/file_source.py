"""A sound file as the source of a meeting, at real speed or as fast as it goes."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from streamer.audio.files import SoundFile
from streamer.audio.resampler import MIX
from streamer.clock import Clock
from streamer.errors import AudioFileError
from streamer.interfaces import one_frame
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, SOUND_REMARK, Frame, Gap, Notice, Severity


class FileSource:
    """Plays a file into the pipeline; implements :class:`~streamer.interfaces.AudioSource`.

    With a clock, frames come out when the last sample of those that are wanted together would have sounded; without
    one, as soon as they are taken.
    """

    def __init__(
        self,
        path: Path,
        *,
        channel: int = MIX,
        clock: Clock | None,
        notify: Callable[[Notice], None] = lambda _notice: None,
    ) -> None:
        """``notify``: is told at the end what was odd about the file but could be read."""
        self._file = SoundFile(path, channel)
        self._clock = clock
        self._notify = notify
        self._closed = False

    async def __aenter__(self) -> Self:
        """Open the file and take its first sound: a meeting is not begun for a file that has none.

        Raises:
            AudioFileError: see :class:`~streamer.audio.files.SoundFile`; or there is no sound in the file.
        """
        self._file.__enter__()
        frames = self._file.frames()
        try:
            first = next(frames, None)
        except AudioFileError:
            self._file.__exit__(None, None, None)
            raise
        if first is None:
            self._file.__exit__(None, None, None)
            raise AudioFileError(f"{self._file.path}: there is no sound in it")
        self._frames = itertools.chain((first,), frames)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.__exit__(kind, error, trace)

    @property
    def name(self) -> str:
        """The file's name; what of it is no UTF-8, as names from other systems, is shown as a question mark."""
        return self._file.path.name.encode(errors="surrogateescape").decode(errors="replace")

    @property
    def seconds(self) -> float:
        """Length of the opened file; 0 where its format does not tell."""
        return self._file.seconds or 0.0

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | Gap]:
        """The file in frames; the last one is filled up with silence.

        Raises:
            AudioFileError: the rest of the file is damaged or missing; the frames before it were given.
        """
        started = self._clock.monotonic() if self._clock is not None else 0.0
        # Decoding a quarter of a second takes less than a millisecond: no thread is worth that.
        due = 0
        try:
            for frame in self._frames:
                if frame.start_sample >= due:
                    due = frame.start_sample + at_once() * FRAME_SAMPLES
                    await self._pace(started, due)
                    if self._closed:
                        return
                yield frame
        finally:
            if remarks := self._file.remarks:
                self._notify(Notice(SOUND_REMARK, Severity.WARNING, f"{self.name}: {'; '.join(remarks)}"))

    def close(self) -> None:
        """End the sound with the frames that are due next."""
        self._closed = True

    async def _pace(self, started: float, sample: int) -> None:
        if self._clock is None:
            await asyncio.sleep(0)
            return
        due = started + sample / SAMPLE_RATE
        await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
