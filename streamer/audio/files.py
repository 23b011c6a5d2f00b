"""A sound file of any format, rate and number of channels, read as 16 kHz mono piece by piece."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from streamer.audio.decoders.counted import counting
from streamer.audio.decoders.ffmpeg import FfmpegReader
from streamer.audio.decoders.libsndfile import LibsndfileReader
from streamer.audio.decoders.promises import has_overflown
from streamer.audio.decoders.rescue import RescuedReader
from streamer.audio.decoders.sound_descriptor import open_descriptor
from streamer.audio.decoders.sound_reader import Samples, SoundReader
from streamer.audio.framing import Framer
from streamer.audio.full_scale import FullScale
from streamer.audio.resampler import MIX, Resampler
from streamer.errors import AudioError, AudioFileError
from streamer.system.system_packages import needed
from streamer.types import SAMPLE_RATE, Frame, FrameRun

_RUN_BYTES = 2 * SAMPLE_RATE
"""Least of a run of frames: a second. Frames that are judged together cost less, pieces are a quarter of that."""
_FULL_SCALE = 1.0 + 1e-6
"""What is beyond it is clipped, and told."""


class SoundFile:
    """An open sound file; a context manager.

    libsndfile decodes what it knows, ffmpeg (where installed) the rest, any MP3 or FLAC that does not say how long it
    is, Ogg streams in a row, a WAV that was never finished, and what lies behind damage.
    The file is never in memory as a whole.
    """

    def __init__(self, path: Path, channel: int = MIX) -> None:
        self._path = path
        self._channel = channel
        self._reader: SoundReader | None = None
        self._decoder: subprocess.Popen[bytes] | None = None
        self._is_abandoned = False
        self._not_finite = 0
        self._clipped = 0
        self._full_scale = FullScale()

    def __enter__(self) -> Self:
        """Open the file and read its header.

        Raises:
            AudioFileError: it is missing, unreadable, empty, no regular file, or no sound that can be decoded.
        """
        self._reader = self._open()
        try:
            self._resampler = Resampler(self._reader.rate, self._reader.channels, self._channel)
        except AudioError as error:
            self._reader.close()
            raise AudioFileError(f"{self._path}: {error}") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.close()

    def abandon(self) -> None:
        """End a process that decodes it, now or later, for whoever reads it in another thread and may wait for that."""
        self._is_abandoned = True
        if self._decoder is not None:
            self._decoder.kill()

    @property
    def path(self) -> Path:
        """The file."""
        return self._path

    @property
    def channels(self) -> int:
        """How many it has, whichever of them are heard."""
        return self._opened.channels

    @property
    def seconds(self) -> float | None:
        """How long it is by its header; None where it does not say."""
        length = self._opened.length
        return None if length is None else length / self._opened.rate

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd but could be read, for a person; complete once :meth:`pcm` has ended."""
        odd = list(self._opened.remarks)
        if self._not_finite:
            odd.append(f"{self._not_finite} samples are not numbers (NaN or infinite); they were read as silence")
        if too_loud := self._full_scale.remark:
            odd.append(too_loud)
        elif self._clipped:
            odd.append(f"{self._clipped} samples are beyond full scale; they were clipped")
        return tuple(odd)

    def pcm(self) -> Iterator[bytes]:
        """The sound in pieces of a few seconds or less: signed 16-bit little-endian, mono, 16 kHz. To be iterated once.

        Raises:
            AudioFileError: the rest of the file is damaged or missing; what came before it was given.
        """
        while True:
            try:
                block = self._opened.read()
            except AudioFileError as error:
                yield self._resampler.flush()
                raise AudioFileError(f"{self._path}: {error}") from error
            if not len(block):
                break
            if block.dtype == np.int16:
                self._full_scale.take(self._heard(block))
                yield self._resampler.push_pcm(block.astype("<i2", copy=False).tobytes())
            else:
                sane = self._sane(block.astype(np.float32, copy=False))
                self._full_scale.take(self._heard(sane))
                yield self._resampler.push(sane)
        yield self._resampler.flush()

    def frames(self) -> Iterator[Frame]:
        """The sound in frames, the last one filled up with silence. To be iterated once, instead of :meth:`pcm`.

        Raises:
            AudioFileError: as in :meth:`pcm`.
        """
        for run in self.runs():
            yield from run.frames

    def runs(self) -> Iterator[FrameRun]:
        """As :meth:`frames`, many frames at once.

        Raises:
            AudioFileError: as in :meth:`pcm`.
        """
        framer = Framer()
        try:
            for pcm in _gathered(self.pcm(), _RUN_BYTES):
                run = framer.take(pcm)
                if run is not None:
                    yield run
        except AudioFileError:
            yield from _rest(framer)
            raise
        yield from _rest(framer)

    @property
    def _opened(self) -> SoundReader:
        if self._reader is None:
            raise RuntimeError(f"SoundFile({self._path}) is used outside its `with`")
        return self._reader

    def _open(self) -> SoundReader:
        descriptor = open_descriptor(self._path)
        program = shutil.which("ffmpeg")
        decoding = partial(FfmpegReader, self._path, note=self._note_decoder)
        is_longer = has_overflown(descriptor)
        counted = counting(descriptor)
        try:
            reader = LibsndfileReader(descriptor, is_alone=program is None)
            if program is None:
                return counted(reader)
            return counted(RescuedReader(reader, partial(decoding, program)))
        except AudioFileError as refused:
            if program is None:
                raise AudioFileError(
                    f"{self._path}: libsndfile cannot read it ({refused}); with {needed('ffmpeg')} installed, "
                    "more formats are read"
                ) from refused
            try:
                return counted(decoding(program, ignore_length=is_longer))
            except AudioFileError as error:
                raise AudioFileError(
                    f"{self._path}: no sound file that can be read (libsndfile: {refused}; ffmpeg: {error})"
                ) from error

    def _note_decoder(self, process: subprocess.Popen[bytes]) -> None:
        self._decoder = process
        if self._is_abandoned:
            process.kill()

    def _heard(self, block: Samples) -> Samples:
        return block if self._channel == MIX else block[:, self._channel - 1]

    def _sane(self, block: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """One NaN would spoil the resampler's state and with it the rest of the recording."""
        loudest = np.abs(block).max(initial=0.0)
        if loudest <= _FULL_SCALE:
            return block
        finite = np.isfinite(block)
        if not finite.all():
            self._not_finite += int(block.size - np.count_nonzero(finite))
            block = np.where(finite, block, np.float32(0))
        beyond = np.abs(block) > _FULL_SCALE
        if beyond.any():
            self._clipped += int(np.count_nonzero(beyond))
            block = np.clip(block, -1.0, 1.0)
        return block


def _gathered(pieces: Iterator[bytes], least: int) -> Iterator[bytes]:
    """The same in pieces of so many bytes or more, the last one excepted; also of what comes before an error."""
    waiting = bytearray()
    try:
        for piece in pieces:
            if not waiting and len(piece) >= least:
                yield piece
                continue
            waiting += piece
            if len(waiting) >= least:
                yield bytes(waiting)
                waiting.clear()
    except AudioFileError:
        yield bytes(waiting)
        raise
    yield bytes(waiting)


def _rest(framer: Framer) -> Iterator[FrameRun]:
    """What is left over, as a whole frame."""
    for frame in framer.flush():
        yield FrameRun(frame.pcm, frame.start_sample)
