"""What reads one sound file, whichever library does the decoding."""

from __future__ import annotations

from typing import Protocol

import numpy as np
import numpy.typing as npt


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

    def read(self) -> npt.NDArray[np.float32]:
        """The next piece: (samples, channels), full scale ±1, at most a few seconds; no samples at the end.

        Raises:
            AudioFileError: the rest is damaged or missing; the message is the reason, without the file's name.
        """

    def close(self) -> None:
        """Release the file and what decodes it. Safe to call twice."""
