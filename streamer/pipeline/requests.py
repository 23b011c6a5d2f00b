"""What is asked of a meeting before its sound begins."""

from __future__ import annotations

from collections import deque

from streamer.interfaces import MeetingControl

_MARKS = 100


class Requests:
    """A :class:`~streamer.interfaces.MeetingControl` that remembers, for as long as a source is opened or waited for.

    Bounded, for that may take days: of titles and pauses the last one counts, of marks the last hundred.
    """

    def __init__(self) -> None:
        self._title = ""
        self._is_paused = self._is_stopped = False
        # The oldest goes first.
        self._notes: deque[str] = deque(maxlen=_MARKS)

    @property
    def is_paused(self) -> bool:
        """Whether the meeting is to begin with a pause."""
        return self._is_paused

    def pause(self) -> None:
        """The meeting begins with a pause."""
        self._is_paused = True

    def resume(self) -> None:
        """It does not."""
        self._is_paused = False

    def mark(self, note: str = "") -> None:
        """Its beginning is marked."""
        self._notes.append(note)

    def set_title(self, title: str) -> None:
        """It is called so."""
        self._title = title

    def stop(self) -> None:
        """It ends as it begins."""
        self._is_stopped = True

    def pass_on(self, control: MeetingControl) -> None:
        """Have it done, now that the sound begins."""
        if self._title:
            control.set_title(self._title)
        for note in self._notes:
            control.mark(note)
        if self._is_paused:
            control.pause()
        if self._is_stopped:
            control.stop()
