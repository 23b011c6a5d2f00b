"""Settings of what is listened to."""

from __future__ import annotations

from typing import Annotated, Literal

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
    wait_for_device: Literal["auto", "always", "never"] = "auto"
    """Whether a microphone that is absent at the start is waited for; ``auto``: where there are several rooms."""
    watchdog_ms: Annotated[int, msgspec.Meta(ge=300, le=10_000)] = 1000
    """Milliseconds without sound after which the device counts as hung and is opened again."""

    def awaits_device(self, *, is_one_of_many: bool) -> bool:
        """Whether a run waits for a room's microphone. ``is_one_of_many``: whether it serves several rooms."""
        return self.wait_for_device == "always" or (self.wait_for_device == "auto" and is_one_of_many)
