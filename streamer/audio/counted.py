"""A sound file of which its container tells that something is missing, which its decoder does not."""

from __future__ import annotations

from collections.abc import Callable

from streamer.audio.containers import missing_bytes
from streamer.audio.ogg import is_unended
from streamer.audio.sound_reader import AroundReader, Samples, SoundReader
from streamer.errors import AudioFileError


def counting(descriptor: int) -> Callable[[SoundReader], SoundReader]:
    """What becomes of a file's reader: the same where nothing seems to be missing."""
    missing, may_lack_more = missing_bytes(descriptor), is_unended(descriptor)
    if missing or may_lack_more:
        return lambda reader: CountedReader(reader, missing, is_unended=may_lack_more)
    return lambda reader: reader


class CountedReader(AroundReader):
    """Reads a file as another reader does, and says at its end what it lacks; a ``SoundReader``."""

    def __init__(self, reader: SoundReader, missing: int, *, is_unended: bool) -> None:
        """Take over an open file.

        Args:
            reader: reads it; closed with this.
            missing: bytes that the file lacks.
            is_unended: whether it may lack more than that tells.
        """
        super().__init__(reader)
        self._missing = missing
        self._is_unended = is_unended
        self._taken = 0

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd; of a file that lacks something, only that."""
        if self._missing:
            return ()
        told = super().remarks
        return (*told, "it has no end, so that some of it may be missing") if self._is_unended else told

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
