"""One room among several on one terminal: what is known of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from streamer.sinks.headings import Headings
from streamer.sinks.mqtt.absence import is_gone
from streamer.sinks.passages import WaitingMoments
from streamer.types import MICROPHONE_LOST, ROOM_FAILED, Notice, unsaved

AWAITED = "…"
"""Waiting for its source."""
RECORDING = "●"
"""Recording."""
ENDED = "■"
"""Ended or called off."""
FAILED = "✗"
"""Its meeting could not be held, or broke off."""
OVER = frozenset({ENDED, FAILED})
"""Nothing more comes."""
_UNHEARD = "○"


@dataclass(slots=True)
class ShownRoom:
    """What is known of one room."""

    name: str
    moments: WaitingMoments
    headings: Headings
    state: str = AWAITED
    """One character: waiting for its source, recording, paused, ended or called off, failed."""
    open_id: int = 0
    open_text: str = ""
    position: int = 0
    """Samples, of the newest event that tells."""
    is_speech: bool = False
    lag_seconds: float = 0.0
    notices: dict[str, Notice] = field(default_factory=dict)
    """Bounded by the number of keys."""

    @property
    def shown_state(self) -> str:
        """The state; an empty ring where no sound comes, or not all is kept, of a meeting that is not paused."""
        is_lost = self.is_unheard or unsaved(self.notices)
        return _UNHEARD if is_lost and self.state == RECORDING else self.state

    @property
    def is_unheard(self) -> bool:
        """Whether what it told last may not hold any more: no sound comes, or nothing of a room that is watched."""
        return MICROPHONE_LOST in self.notices or is_gone(self.notices)

    def take(self, notice: Notice) -> None:
        """Show a notice in place of an older one, or take it away."""
        self.notices.pop(notice.key, None)
        if notice.text:
            self.notices[notice.key] = notice
        if notice.key == ROOM_FAILED:
            self.state, self.open_text, self.is_speech, self.lag_seconds = FAILED, "", False, 0.0
