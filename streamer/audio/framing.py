"""Sound cut into frames whose positions follow each other without holes."""

from __future__ import annotations

from streamer.types import FRAME_SAMPLES, Frame, FrameRun

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

    @property
    def unfinished(self) -> int:
        """Samples that wait for their frame to be complete."""
        return len(self._rest) // 2

    def push(self, pcm: bytes) -> list[Frame]:
        """Frames that are complete now. ``pcm``: signed 16-bit little-endian, mono, 16 kHz, whole samples."""
        run = self.take(pcm)
        return [] if run is None else run.frames

    def take(self, pcm: bytes) -> FrameRun | None:
        """As :meth:`push`, but all frames in one; None where none is complete."""
        pcm = self._rest + pcm
        whole = len(pcm) - len(pcm) % FRAME_BYTES
        self._rest = pcm[whole:]
        if not whole:
            return None
        run = FrameRun(pcm[:whole], self._position)
        self._position += whole // 2
        return run

    def flush(self) -> list[Frame]:
        """What was left over, filled up with silence to a whole frame; nothing where nothing was left."""
        rest, self._rest = self._rest, b""
        if not rest:
            return []
        frame = Frame(rest.ljust(FRAME_BYTES, b"\0"), self._position)
        self._position += FRAME_SAMPLES
        return [frame]
