"""Settings of partial captions."""

from __future__ import annotations

from typing import Annotated

import msgspec


class CaptionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[captions]``: how often text is shown while somebody speaks, and when it counts as stable."""

    first_partial_ms: Annotated[int, msgspec.Meta(ge=0, le=2000)] = 640
    """Milliseconds of an utterance, pre-roll included, before it is decoded first: in less there is seldom text."""
    partial_interval_ms: Annotated[int, msgspec.Meta(ge=100, le=5000)] = 300
    """Milliseconds of new sound between two decodings of a growing utterance; grows by itself when captions lag."""
    partial_interval_max_ms: Annotated[int, msgspec.Meta(ge=100, le=10_000)] = 2400
    """Milliseconds to which that interval grows at most."""
    show_confidence: Annotated[float, msgspec.Meta(ge=0, le=1)] = 0.7
    """Text that only the newest decoding has is shown at once if it is so likely to be right; else when two agree."""
    show_tail_ms: Annotated[int, msgspec.Meta(ge=0, le=3000)] = 100
    """Such text must end so many milliseconds before the newest sound: its last syllable may be half spoken."""
    stable_tail_ms: Annotated[int, msgspec.Meta(ge=0, le=3000)] = 800
    """Text that two decodings agree on is stable when so many milliseconds of sound have followed it."""

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
