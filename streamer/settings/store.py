"""Settings of the meeting store."""

from __future__ import annotations

from typing import Annotated

import msgspec


class StoreSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[store]``: where meetings are kept, and what of their sound."""

    data_dir: str = ""
    """Data folder; empty: the user's own (``~/.local/share/streamer`` on Linux). ``--data-dir`` wins."""
    recording: bool = True
    """Keep the sound. Otherwise each piece is deleted once its captions are durable; ``--no-recording``."""
    piece_s: Annotated[int, msgspec.Meta(ge=5, le=3600)] = 60
    """Seconds of sound in one file of the recording."""
    compress: bool = True
    """Turn each closed piece into FLAC: half the size or less, the same samples."""
    sync_ms: Annotated[int, msgspec.Meta(ge=20, le=1000)] = 500
    """Longest time in milliseconds that sound stays in memory only: what a power failure may cost."""
    busy_ms: Annotated[int, msgspec.Meta(ge=0, le=60_000)] = 2000
    """Milliseconds to wait for a store that another process has locked."""
    audio_days: Annotated[int, msgspec.Meta(ge=0, le=36_500)] = 0
    """Days after its end when a meeting's sound is deleted, its text kept; 0: never."""
    audio_gib: Annotated[float, msgspec.Meta(ge=0, le=1_000_000)] = 0.0
    """GiB that all sound together may take: the oldest meetings' is deleted first, their text kept; 0: no limit."""
