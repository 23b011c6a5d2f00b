"""Settings of the segmenter."""

from __future__ import annotations

from typing import Annotated

import msgspec


class SegmenterSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[segmenter]``: where utterances begin and end."""

    vad_mode: Annotated[int, msgspec.Meta(ge=0, le=3)] = 2
    """Aggressiveness of webrtcvad: 0 keeps most, 3 refuses most."""
    preroll_ms: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 300
    """Milliseconds before the first voiced frame that belong to the utterance."""
    end_silence_ms: Annotated[int, msgspec.Meta(ge=100, le=3000)] = 500
    """Milliseconds of silence that end an utterance."""
