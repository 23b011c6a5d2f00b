"""A sound file as the source of a meeting, at real speed or as fast as it goes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from streamer.audio.ahead import AheadReader
from streamer.audio.files import SoundFile
from streamer.audio.resampler import MIX
from streamer.clock import Clock
from streamer.errors import AudioFileError, SourceClosedError
from streamer.interfaces import one_frame
from streamer.lengths import duration, length_of
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, SOUND_REMARK, Frame, FrameRun, Gap, Notice, Severity


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
        """``notify``: is told at the end what was odd about the file but could be read, and that not all of it was."""
        self._file = SoundFile(path, channel)
        self._reader = AheadReader(self._file)
        self._clock = clock
        self._notify = notify
        self._closed = False
        self._first: FrameRun | None = None
        """What was read when it was opened."""

    async def __aenter__(self) -> Self:
        """Open the file and take its first sound: a meeting is not begun for a file that has none.

        Raises:
            AudioFileError: see :class:`~streamer.audio.files.SoundFile`; or there is no sound in the file.
            SourceClosedError: :meth:`close` was called before the file was open.
        """
        self._reader.start()
        try:
            self._first = await self._reader.take()
            if self._closed:
                raise SourceClosedError(f"{self.name} was being opened, and then not wanted any more")  # noqa: TRY301
            if self._first is None:
                raise AudioFileError(f"{self._file.path}: there is no sound in it")  # noqa: TRY301
        except BaseException:
            await self._reader.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._reader.stop()

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
        due, given, run = 0, 0, self._first
        try:
            while run is not None:
                for frame in run.frames:
                    if frame.start_sample >= due:
                        due = frame.start_sample + at_once() * FRAME_SAMPLES
                        await self._pace(started, due)
                        if self._closed:
                            return
                    given = frame.start_sample + FRAME_SAMPLES
                    yield frame
                run = await self._reader.take()
        finally:
            await self._reader.stop()
            if remarks := (*self._unread(given), *self._reader.remarks):
                self._notify(Notice(SOUND_REMARK, Severity.WARNING, f"{self.name}: {'; '.join(remarks)}"))

    def close(self) -> None:
        """End the sound with the frames that are due next."""
        self._closed = True
        self._reader.cancel()

    def _unread(self, given: int) -> tuple[str, ...]:
        """That somebody ended it before its end, where its length is known; ``given``: samples until then."""
        if not self._closed or given >= round(self.seconds * SAMPLE_RATE):
            return ()
        return (f"it was not read to its end: {duration(given)} of {length_of(self.seconds, hour_digits=2)}",)

    async def _pace(self, started: float, sample: int) -> None:
        if self._clock is None:
            await asyncio.sleep(0)
            return
        due = started + sample / SAMPLE_RATE
        await self._clock.sleep(max(0.0, due - self._clock.monotonic()))
