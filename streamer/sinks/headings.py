"""The lines that begin a meeting, above what was said in it. Pure."""

from __future__ import annotations

from collections import deque
from datetime import tzinfo

from streamer.sinks.layout import Style
from streamer.sinks.messages import Messages
from streamer.sinks.passages import Passage
from streamer.sinks.printable import printable
from streamer.types import MeetingEnded, MeetingEvent, MeetingStarted, SegmentFinalized

_MEETINGS = 64
"""That are remembered; an older one that is returned to is announced again."""


class Headings:
    """Says which meeting the lines that follow are of: whoever watches a room may get those of several in turn."""

    def __init__(self, messages: Messages, *, has_pack: bool, timezone: tzinfo | None = None) -> None:
        """Prepare.

        Args:
            messages: the language of labels.
            has_pack: whether the pack is named, too.
            timezone: of the dates; None: the computer's.
        """
        self._messages = messages
        self._has_pack = has_pack
        self._timezone = timezone
        self._current: MeetingStarted | None = None
        self._headed: deque[tuple[str, bool]] = deque(maxlen=_MEETINGS)
        """Meetings, and whether more than their id was known."""
        self._last = ""
        """The meeting that the newest line is of."""

    def follow(self, event: MeetingEvent) -> list[Passage]:
        """The heading before what this event shows: at a meeting's start, and at its first line after another's.

        A meeting that is only returned to has none before its first line: two that share a room take turns with
        every partial.
        """
        match event:
            case MeetingStarted(meeting_id=meeting, pack=pack):
                self._current = event
                is_new = (meeting, bool(pack)) not in self._headed
                self._headed.append((meeting, bool(pack)))
                return self._heading(event) if is_new else []
            case SegmentFinalized() | MeetingEnded() if self._current is not None:
                return self._heading(self._current) if self._current.meeting_id != self._last else []
            case _:
                return []

    def _heading(self, event: MeetingStarted) -> list[Passage]:
        self._last = event.meeting_id
        parts = [event.title, event.device, event.pack if self._has_pack else ""]
        if event.is_late:
            began = event.started_at.astimezone(self._timezone)
            parts = [f"{self._messages.late} {began:%Y-%m-%d %H:%M}", event.title, event.device]
        text = " · ".join(printable(part) for part in parts if part)
        return [Passage(event.started_at, text, Style.BOLD)]
