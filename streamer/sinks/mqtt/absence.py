"""Whether a watched room's streamer is away while its meeting goes on. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from streamer.sinks.mqtt.silence import SILENT_KEY
from streamer.types import Notice, Severity

OFFLINE_KEY = "mqtt.offline"
"""Begins the key of the notice that a room's streamer is away; its room follows."""
OFFLINE, ONLINE = "offline", "online"
"""Its texts, and empty where nobody needs to know."""


def is_gone(notices: Mapping[str, Notice]) -> bool:
    """Whether nothing is known of a watched meeting now: its streamer is away, or silent.

    Args:
        notices: those that are up, by their keys.
    """
    return any(
        notice.severity is Severity.WARNING and key.startswith((f"{OFFLINE_KEY}.", f"{SILENT_KEY}."))
        for key, notice in notices.items()
    )


@dataclass(slots=True)
class Absence:
    """Of one room: whoever has ended a meeting may leave; while one runs it is a warning, and the return is news."""

    room: str
    is_offline: bool = False
    """Whether the room said last that it is not there."""
    _is_missed: bool = False

    def notices(self, *, is_ended: bool) -> tuple[Notice, ...]:
        """What to tell now; ``is_ended``: whether the room's meeting is known to have ended."""
        key, was_missed = f"{OFFLINE_KEY}.{self.room}", self._is_missed
        self._is_missed = self.is_offline and not is_ended
        if self._is_missed:
            return () if was_missed else (Notice(key, Severity.WARNING, OFFLINE),)
        back = (Notice(key, Severity.INFO, ONLINE),) if was_missed and not self.is_offline else ()
        return (*back, Notice(key, Severity.INFO, ""))
