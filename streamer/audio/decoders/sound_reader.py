"""What reads one sound file, whichever library does the decoding."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32] | npt.NDArray[np.int16]
"""(samples, channels): floats of full scale ±1, or what a file of 16 bits holds, as it is."""


class SoundReader(Protocol):
    """An open sound file, read from its beginning to its end. ``files.SoundFile`` calls it from one thread."""

    @property
    def rate(self) -> int:
        """Samples a second."""

    @property
    def channels(self) -> int:
        """Channels; at least one."""

    @property
    def length(self) -> int | None:
        """Samples of each channel that the file says it holds; None where it does not say."""

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd but could be read; complete after the last :meth:`read`."""

    def read(self) -> Samples:
        """The next piece, at most a few seconds; no samples at the end.

        Raises:
            AudioFileError: the rest is damaged or missing; the message is the reason, without the file's name.
        """

    def close(self) -> None:
        """Release the file and what decodes it. Safe to call twice."""


class AroundReader:
    """What a reader that reads through another one takes over from it."""

    def __init__(self, reader: SoundReader) -> None:
        """``reader``: an open file; closed with this."""
        self._reader = reader

    @property
    def rate(self) -> int:
        """Samples a second."""
        return self._reader.rate

    @property
    def channels(self) -> int:
        """Channels."""
        return self._reader.channels

    @property
    def length(self) -> int | None:
        """Samples of each channel by the header; None where it does not say."""
        return self._reader.length

    @property
    def remarks(self) -> tuple[str, ...]:
        """What was odd but could be read."""
        return self._reader.remarks

    def close(self) -> None:
        """Release the file. Safe to call twice."""
        self._reader.close()
