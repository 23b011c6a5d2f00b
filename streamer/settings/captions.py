"""Settings of partial captions."""

from __future__ import annotations

from typing import Annotated

import msgspec


class CaptionSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[captions]``: how often text is shown while somebody speaks."""

    partial_interval_ms: Annotated[int, msgspec.Meta(ge=100, le=5000)] = 300
    """Milliseconds between two decodings of a growing utterance; grows by itself when captions lag."""
