"""Messages of watched rooms that cannot be read: of another version, or of somebody else's making. Pure."""

from __future__ import annotations

from streamer.types import Notice, Severity

UNREAD_KEY = "mqtt.unread"
_REMEMBERED = 32
"""Topics; a room has eight, and a publisher of another version is told of at the first."""


class Unread:
    """A notice for each topic whose messages cannot be read, once, until one can."""

    def __init__(self) -> None:
        self._reasons: dict[str, str] = {}

    def refuse(self, topic: str, reason: str) -> tuple[Notice, ...]:
        """A message cannot be read; ``reason`` names its topic."""
        if self._reasons.get(topic) == reason or (topic not in self._reasons and len(self._reasons) >= _REMEMBERED):
            return ()
        self._reasons[topic] = reason
        return (Notice(UNREAD_KEY, Severity.WARNING, f"MQTT: messages that cannot be read are left out: {reason}"),)

    def take(self, topic: str) -> tuple[Notice, ...]:
        """A message could be read."""
        if self._reasons.pop(topic, None) is None or self._reasons:
            return ()
        return (Notice(UNREAD_KEY, Severity.INFO, ""),)
