"""Raw PCM from a pipe as the source of a meeting (``--source -``)."""

from __future__ import annotations

import asyncio
import math
import os
import stat
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Self

from streamer.audio.framing import Framer
from streamer.audio.live_pipe import LivePipe
from streamer.audio.pipe_reader import PipeReader
from streamer.audio.poured import PouredFile
from streamer.audio.resampler import MIX, Resampler
from streamer.clock import Clock, SystemClock
from streamer.errors import AudioError
from streamer.interfaces import one_frame
from streamer.types import FRAME_SAMPLES, SAMPLE_RATE, Frame, FrameRun, Gap, Notice

_PATIENCE_SECONDS = 2.0
"""So long sound is waited for before the meeting begins: whoever cannot give any has usually ended by then."""
_SOUND_FILES = {b"RIFF": "a WAV file", b"fLaC": "a FLAC file", b"OggS": "an Ogg file", b"ID3": "an MP3 file"}


@dataclass(frozen=True, slots=True)
class PcmFormat:
    """How raw signed 16-bit little-endian PCM is laid out."""

    rate: int = SAMPLE_RATE
    """Hertz."""
    channels: int = 1
    """Channels, interleaved."""
    channel: int = MIX
    """Which one is listened to, from 1; 0 mixes all of them."""


class StdinSource:
    """Reads PCM from a file descriptor until its end; implements :class:`~streamer.interfaces.AudioSource`.

    Sound is taken when the pipeline asks for it: a writer that is faster than real time waits.
    """

    def __init__(
        self,
        pcm: PcmFormat | None = None,
        descriptor: int = 0,
        *,
        patience: float = _PATIENCE_SECONDS,
        notify: Callable[[Notice], None] = lambda _notice: None,
        clock: Clock | None = None,
    ) -> None:
        """Prepare.

        Args:
            pcm: how the sound is laid out.
            descriptor: what is read.
            patience: seconds for which opening waits for the first sound; where none has come, it may come later.
            notify: told that a pipe gives nothing, and that it gives something again.
            clock: tells how long a pipe has given nothing.
        """
        self._patience = patience
        self._notify = notify
        self._clock = clock or SystemClock()
        self._format = pcm or PcmFormat()
        self._descriptor = descriptor
        self._blocking = True
        self._pipe: PipeReader | None = None
        self._poured: PouredFile | None = None
        """The file that stands there in place of a pipe."""
        self._live: LivePipe | None = None
        self._is_open = False
        self._closed = False
        self._first = b""
        """What came while it was opened."""
        self._seconds = 0.0

    async def __aenter__(self) -> Self:
        """Start reading.

        Raises:
            AudioError: standard input is a terminal or closed, gives no sound or a sound file instead of raw PCM; or
                the format is impossible.
        """
        self._resampler = Resampler(self._format.rate, self._format.channels, self._format.channel)
        try:
            mode = os.fstat(self._descriptor).st_mode
        except OSError as error:
            raise AudioError("standard input is closed; pipe raw PCM into it") from error
        if os.isatty(self._descriptor):
            raise AudioError("standard input is a terminal; `--source -` expects raw PCM from a pipe")
        self._is_open = True
        if stat.S_ISREG(mode):
            left = os.fstat(self._descriptor).st_size - os.lseek(self._descriptor, 0, os.SEEK_CUR)
            self._seconds = max(0, left) / (2 * self._format.channels * self._format.rate)
        if stat.S_ISREG(mode) or stat.S_ISCHR(mode):
            self._poured = PouredFile(self._descriptor)
            self._pipe = PipeReader(self._poured.end)
        else:
            self._blocking = os.get_blocking(self._descriptor)
            os.set_blocking(self._descriptor, False)
            self._pipe = PipeReader(self._descriptor)
        try:
            await self._begin()
        except BaseException:
            self._restore()
            raise
        if self._poured is None:
            self._live = LivePipe(self._read, self._seconds_of, self._clock, self._notify)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._restore()

    @property
    def name(self) -> str:
        """What is listened to."""
        return "stdin"

    @property
    def seconds(self) -> float:
        """Length of the sound where a regular file stands there, once it is open; 0 for a pipe: nobody knows."""
        return self._seconds

    async def frames(self, at_once: Callable[[], int] = one_frame) -> AsyncIterator[Frame | FrameRun | Gap]:
        """The sound in frames, the last one filled up with silence; a gap where a pipe stalled and sound is missing.

        Raises:
            AudioError: the pipe holds a sound file instead of raw PCM, or breaks off; what it gave before was given.
        """
        framer, rest, is_first = Framer(), b"", not self._first
        sample_bytes = 2 * self._format.channels
        failure: AudioError | None = None
        try:
            while received := self._first or await self._next(at_once() * FRAME_SAMPLES - framer.unfinished):
                self._first = b""
                if self._live is not None and (gap := self._live.take_gap()) is not None:
                    yield replace(gap, at_sample=framer.position)
                if is_first:
                    _refuse_sound_file(received)
                    is_first = False
                rest += received
                whole = len(rest) - len(rest) % sample_bytes
                run = framer.take(self._resampler.push_pcm(rest[:whole]))
                rest = rest[whole:]
                if run is not None:
                    yield run
        except AudioError as error:
            failure = error
        for frame in framer.push(self._resampler.flush()) + framer.flush():
            yield frame
        if failure is not None:
            raise failure

    def close(self) -> None:
        """End the sound after what was already received."""
        self._closed = True
        if self._pipe is not None:
            self._pipe.close()

    async def _begin(self) -> None:
        try:
            async with asyncio.timeout(self._patience):
                self._first = await self._read(1)
        except TimeoutError:
            return
        if self._closed:
            return
        if len(self._first) < 2 * self._format.channels:
            raise AudioError(f"no sound came from {self.name} before it ended: look at what should give it")
        _refuse_sound_file(self._first)

    def _restore(self) -> None:
        if self._pipe is None:
            return
        if self._poured is not None:
            self._poured.close()
        else:
            # The pipe's other users, a shell for one, share its flags.
            os.set_blocking(self._descriptor, self._blocking)
        self._pipe, self._is_open = None, False  # reading what has come would wait for more now

    async def _next(self, samples: int) -> bytes:
        return await (self._read(samples) if self._live is None else self._live.read(samples))

    def _seconds_of(self, received: bytes) -> float:
        return len(received) / (2 * self._format.channels * self._format.rate)

    async def _read(self, samples: int) -> bytes:
        """What has come, once so many samples at 16 kHz have, one or more.

        Raises:
            AudioError: a disk fails, or a connection that stands there.
        """
        if not self._is_open or self._pipe is None:
            raise RuntimeError("StdinSource is used outside its `async with`")
        least = 2 * self._format.channels * math.ceil(samples * self._format.rate / SAMPLE_RATE)
        try:
            if self._poured is None:
                return await self._pipe.read(least, samples / SAMPLE_RATE)
            received = await self._pipe.read(least)
            if not received and self._poured.failure is not None:
                raise self._poured.failure
        except OSError as error:
            raise AudioError(f"standard input broke off: {error.strerror or error}") from error
        else:
            return received


def _refuse_sound_file(beginning: bytes) -> None:
    for magic, kind in _SOUND_FILES.items():
        if beginning.startswith(magic):
            raise AudioError(
                f"standard input holds {kind}, but `--source -` expects raw PCM; give the file's name as the source, "
                "or convert it: ffmpeg -i FILE -f s16le -ar 16000 -ac 1 -"
            )
