"""What is told where a sound server gives another microphone than before."""

from __future__ import annotations

from streamer.audio.capturing.capture_wire import HeardSource
from streamer.types import MICROPHONE_CHANGED, Notice, Severity


class SourceChanges:
    """The sources that one microphone stood for, one after the other; pure."""

    def __init__(self) -> None:
        self._wanted = self._last = HeardSource("", "")

    def follow(self, heard: HeardSource) -> Notice | None:
        """Another one may be heard from now on: what there is to tell."""
        before, self._last = self._last, heard
        if not before.name:
            self._wanted = heard
        if not before.name or heard.name == before.name:
            return None
        if heard.name == self._wanted.name:
            return Notice(MICROPHONE_CHANGED, Severity.INFO, "")
        new, old = heard.description, before.description
        if new == old:  # two of a kind
            new, old = heard.name, before.name
        if heard.is_chosen:
            self._wanted = heard
            return Notice(MICROPHONE_CHANGED, Severity.INFO, f"{new} is heard now; before it was {old}")
        return Notice(MICROPHONE_CHANGED, Severity.WARNING, f"{new} is heard now: {old} went away")
