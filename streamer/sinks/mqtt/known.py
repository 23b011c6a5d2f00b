"""Which meetings a watched room has told of, and of which its captions are now. Pure."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, datetime, timedelta

from streamer.sinks.mqtt.payloads import MeetingPayload
from streamer.types import MeetingEvent, MeetingStarted, Notice, Severity

TWO_KEY = "mqtt.two-meetings"
_TWO = "two meetings are held in this room"
_MEETINGS = 64
"""States of meetings that are remembered, for finals of an earlier one that are sent late."""
_OLD = timedelta(minutes=1)
"""A final of an unknown meeting, said so long ago, was kept somewhere: what is said now comes within seconds."""


class KnownMeetings:
    """The states of a room's meetings as they were told last. One of them is current: what comes next belongs to it."""

    def __init__(self, room: str) -> None:
        self.current: MeetingPayload | None = None
        """None before anybody was told of one."""
        self._room = room
        self._states: OrderedDict[str, MeetingPayload] = OrderedDict()
        self._is_late = False
        """Of the current one."""
        self._are_two = False

    def note(self, state: MeetingPayload) -> tuple[Notice, ...]:
        """Remember a state; where one of two meetings has ended, that is news."""
        self._states[state.meeting] = state
        if len(self._states) > _MEETINGS:
            self._states.popitem(last=False)
        if self._are_two and not _goes_on(state):
            self._are_two = False
            return (Notice(TWO_KEY, Severity.INFO, ""),)
        return ()

    def take(self, state: MeetingPayload) -> None:
        """Make a meeting the current one."""
        self.current, self._is_late = state, False

    def join(self, meeting: str, said_at: datetime | None = None) -> tuple[MeetingEvent, ...]:
        """Make the meeting of a caption the current one; a start where it is another: an earlier one, or one beside it.

        ``said_at``: of a final, which may have waited for the broker longer than its meeting took.
        """
        if self.current is not None and self.current.meeting == meeting:
            return ()
        is_late = said_at is not None and self._is_from_before(meeting, said_at)
        two = () if is_late or not self.is_beside(meeting) else self.tell_two()
        begun = said_at if is_late and said_at is not None else datetime.now(UTC)
        unknown = MeetingPayload(self._room, meeting, title="", state="running", started_at=begun, pack="")
        self.current, self._is_late = self._states.get(meeting, unknown), is_late
        return (*two, self.started(self.current, is_late=is_late))

    def started(self, state: MeetingPayload, *, is_late: bool = False) -> MeetingStarted:
        """A meeting's start, as whoever watches is told of it."""
        device = f"MQTT {self._room}"
        return MeetingStarted(
            state.meeting, state.title, self._room, device, state.pack, state.started_at, is_late=is_late
        )

    def is_beside(self, meeting: str) -> bool:
        """Whether a meeting goes on beside the current one: two programs share the room's name."""
        known, current = self._states.get(meeting), self.current
        if known is None or current is None or current.meeting == meeting:
            return False
        return _goes_on(known) and self._current_goes_on

    def tell_two(self) -> tuple[Notice, ...]:
        """Say once that two meetings go on."""
        if self._are_two:
            return ()
        self._are_two = True
        return (Notice(TWO_KEY, Severity.WARNING, _TWO),)

    def _is_from_before(self, meeting: str, said_at: datetime) -> bool:
        """Whether a final of another meeting than the current one comes only now, after it was said."""
        known, current = self._states.get(meeting), self.current
        if known is None:
            return datetime.now(UTC) - said_at > _OLD
        is_before = current is not None and self._current_goes_on and said_at < current.started_at
        return is_before or not _goes_on(known)

    @property
    def _current_goes_on(self) -> bool:
        """Whether the current one is known to go on; of one whose state has not come nothing is known."""
        current = self.current
        return current is not None and not self._is_late and current.meeting in self._states and _goes_on(current)


def _goes_on(state: MeetingPayload) -> bool:
    return state.state != "ended"
