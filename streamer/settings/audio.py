"""Settings of what is listened to."""

from __future__ import annotations

from typing import Annotated

import msgspec


class AudioSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[audio]``: which microphone and how it is watched; how raw PCM is laid out."""

    device: str = ""
    """Index, name or part of a name as ``streamer devices`` shows them; empty: the system's default input."""
    channel: Annotated[int, msgspec.Meta(ge=0, le=64)] = 0
    """Which channel is listened to, counted from 1; 0 mixes them."""
    latency_ms: Annotated[int, msgspec.Meta(ge=10, le=1000)] = 60
    """Milliseconds of sound that the device may hold back; less is quicker, more survives a busy computer."""
    pcm_rate: Annotated[int, msgspec.Meta(ge=4000, le=768_000)] = 16_000
    """Hertz of raw PCM on standard input."""
    pcm_channels: Annotated[int, msgspec.Meta(ge=1, le=64)] = 1
    """Channels of raw PCM on standard input, interleaved."""
    watchdog_ms: Annotated[int, msgspec.Meta(ge=300, le=10_000)] = 1000
    """Milliseconds without sound after which the device counts as hung and is opened again."""
