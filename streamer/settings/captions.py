"""Settings of partial captions."""

from __future__ import annotations

from typing import Annotated

import msgspec


class CaptionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[captions]``: how often text is shown while somebody speaks, and when it counts as stable."""

    partial_interval_ms: Annotated[int, msgspec.Meta(ge=100, le=5000)] = 300
    """Milliseconds of new sound between two decodings of a growing utterance; grows by itself when captions lag."""
    partial_interval_max_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 2400
    """Milliseconds to which that interval grows at most."""
    stable_tail_ms: Annotated[int, msgspec.Meta(ge=0, le=3000)] = 200
    """Text of the newest milliseconds of a snapshot is never called stable: its last syllable may be half spoken."""

    def __post_init__(self) -> None:
        """Refuse values that contradict each other.

        Raises:
            ValueError: the interval exceeds its own maximum.
        """
        if self.partial_interval_ms > self.partial_interval_max_ms:
            raise ValueError(
                f"partial_interval_ms ({self.partial_interval_ms}) must not exceed partial_interval_max_ms"
                f" ({self.partial_interval_max_ms})"
            )
