"""The piece of a recording that is being written."""

from __future__ import annotations

import contextlib
import os
from pathlib import Path

from streamer.audio.pieces import RAW, SAMPLE_BYTES, Piece


class OpenPiece:
    """The raw file that grows."""

    def __init__(self, folder: Path, start_sample: int) -> None:
        """Begin a piece at a position.

        Raises:
            OSError: the disk refuses.
        """
        self._folder = folder
        self._start = start_sample
        self._bytes = 0
        self.descriptor = os.open(self.piece.path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)

    @property
    def piece(self) -> Piece:
        """What it holds so far."""
        return Piece(self._start, self._start + self._bytes // SAMPLE_BYTES, self._folder, RAW)

    def write(self, pcm: bytes) -> None:
        """Append all samples or none.

        Raises:
            OSError: the disk refuses.
        """
        try:
            written = 0
            while written < len(pcm):
                # Always to its place: what a failed attempt left behind is written over.
                written += os.pwrite(self.descriptor, pcm[written:], self._bytes + written)
        except OSError:
            with contextlib.suppress(OSError):
                os.ftruncate(self.descriptor, self._bytes)
            raise
        self._bytes += len(pcm)
