"""Sound cut into frames whose positions follow each other without holes."""

from __future__ import annotations

from streamer.types import FRAME_SAMPLES, Frame

FRAME_BYTES = 2 * FRAME_SAMPLES
"""Bytes of PCM in a frame."""


class Framer:
    """Turns pieces of PCM of any length into frames of 20 ms; pure."""

    def __init__(self, start_sample: int = 0) -> None:
        self._position = start_sample
        self._rest = b""

    @property
    def position(self) -> int:
        """Position of the next frame's first sample."""
        return self._position

    def push(self, pcm: bytes) -> list[Frame]:
        """Frames that are complete now. ``pcm``: signed 16-bit little-endian, mono, 16 kHz, whole samples."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        self._rest = pcm[whole:]
        return [self._frame(pcm[start : start + FRAME_BYTES]) for start in range(0, whole, FRAME_BYTES)]

    def flush(self) -> list[Frame]:
        """What was left over, filled up with silence to a whole frame; nothing where nothing was left."""
        rest, self._rest = self._rest, b""
        return [self._frame(rest.ljust(FRAME_BYTES, b"\0"))] if rest else []

    def _frame(self, pcm: bytes) -> Frame:
        frame = Frame(pcm, self._position)
        self._position += FRAME_SAMPLES
        return frame
