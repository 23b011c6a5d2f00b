"""How a meeting's sound is kept."""

from __future__ import annotations

from dataclasses import dataclass

from streamer.types import SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class RecordingOptions:
    """How sound is kept."""

    piece_samples: int = 60 * SAMPLE_RATE
    """Length of one file."""
    sync_seconds: float = 0.5
    """Longest time that sound may stay in memory only."""
    compress: bool = True
    """Turn closed pieces into FLAC."""
