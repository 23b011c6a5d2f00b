"""Settings of one room, where a process serves several."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

SinkName = Literal["terminal", "minutes", "mqtt"]
"""Where a room's captions may go."""


class RoomSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """``[[room]]``: one meeting of its own, held beside those of the other rooms."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    """Names the room in topics, lines and labels."""
    source: str = "mic"
    """``mic``, ``demo``, ``-`` (raw PCM on standard input), or the path of a sound file."""
    device: str = ""
    """Microphone, as ``audio.device``; empty: that one."""
    channel: Annotated[int, msgspec.Meta(ge=0, le=64)] | None = None
    """Channel, as ``audio.channel``; None: that one."""
    title: str = ""
    """Title of the meeting; empty: as without rooms."""
    sinks: tuple[SinkName, ...] | None = None
    """Where the captions go besides the meeting store; ``mqtt`` needs ``mqtt.url``. None: all that there are."""
