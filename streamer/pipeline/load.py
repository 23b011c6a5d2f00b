"""How a meeting is doing: what waits in it, and what failed so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SinkLoad:
    """Of one sink."""

    waiting: int
    """Events that wait for it."""
    failures: int
    """Attempts that failed."""


@dataclass(frozen=True, slots=True)
class MeetingLoad:
    """Of one meeting, at one moment."""

    is_running: bool = False
    has_ended: bool = False
    """Whether its end is stored, or it could not be held: at most its sinks are waited for."""
    position: int = 0
    """Samples recorded."""
    lag_samples: int = 0
    """Speech that is not decoded yet."""
    waiting_frames: int = 0
    """Frames that wait for the disk."""
    waiting_finals: int = 0
    """Utterances that have ended and are not decoded yet."""
    utterances: int = 0
    """Utterances decoded to their final."""
    lost_utterances: int = 0
    """Utterances left without text."""
    partials_shed: int = 0
    """Partials left out because others came first."""
    sinks: Mapping[str, SinkLoad] = field(default_factory=dict)
    """By name."""
