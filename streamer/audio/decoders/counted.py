"""A sound file of which its container tells that something is missing, which its decoder does not."""

from __future__ import annotations

from collections.abc import Callable

from streamer.audio.decoders.bare_frames import ends_within_a_frame
from streamer.audio.decoders.containers import missing_bytes
from streamer.audio.decoders.ogg import is_unended
from streamer.audio.decoders.promises import is_followed
from streamer.audio.decoders.sound_reader import AroundReader, Samples, SoundReader
from streamer.errors import AudioFileError


def counting(descriptor: int) -> Callable[[SoundReader], SoundReader]:
    """What becomes of a file's reader: the same where nothing seems to be missing."""
    missing, remark = missing_bytes(descriptor), ""
    if is_unended(descriptor):
        remark = "it has no end, so that some of it may be missing"
    elif ends_within_a_frame(descriptor):
        remark = "it ends within a frame, so that more of it may be missing"
    elif is_followed(descriptor):
        remark = "another WAV lies behind the first one in it, and was not read"
    if missing or remark:
        return lambda reader: CountedReader(reader, missing, remark)
    return lambda reader: reader


class CountedReader(AroundReader):
    """Reads a file as another reader does, and says at its end what it lacks; a ``SoundReader``."""

    def __init__(self, reader: SoundReader, missing: int, remark: str) -> None:
        """Take over an open file.

        Args:
            reader: reads it; closed with this.
            missing: bytes that the file lacks.
            remark: why it may lack more than that tells, or what of it is not read; empty where nothing says so.
        """
        super().__init__(reader)
        self._missing = missing
        self._remark = remark
        self._taken = 0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd; of a file that lacks something, only that."""
        if self._missing:
            return ()
        return (*super().remarks, *([self._remark] if self._remark else ()))

    def read(self) -> Samples:
        """The next piece.

        Raises:
            AudioFileError: the file is damaged or too short; all that can be decoded of it was given.
        """
        block = self._reader.read()
        self._taken += len(block)
        if not len(block) and self._missing:
            raise AudioFileError(f"cut short: {self._missing} bytes are missing after {self._taken / self.rate:.1f} s")
        return block
