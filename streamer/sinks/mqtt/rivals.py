"""Other programs that hold a meeting in the same room: all are told, whichever came first."""

from __future__ import annotations

from collections import deque

from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.payloads import MeetingPayload, decode

_REMEMBERED = 32


class Rivals:
    """Knows of other meetings of the room by what the broker passes on."""

    def __init__(self, room: str, notices: LinkNotices) -> None:
        self.own = ""
        """Id of this program's meeting; empty before it has begun."""
        self._room = room
        self._notices = notices
        # The oldest goes first: one that was broken off says no end.
        self._known: deque[str] = deque(maxlen=_REMEMBERED)

    def tell(self, meeting: str) -> None:
        """Say that another meeting is held in the room."""
        if meeting not in self._known:
            self._known.append(meeting)
            self._notices.rival(self._room, meeting)

    def hear(self, payload: bytes, *, is_retained: bool) -> bool:
        """Take what comes on the room's topic ``meeting``; whether its own state is to be told there again.

        That is so where another program has come, which does not know of this one, or has left, after which the broker
        would keep that the room's meeting has ended. Retained may be the state of a meeting that was broken off.
        """
        try:
            state = decode(payload, MeetingPayload)
        except ValueError:  # nobody's meeting: whoever watches is told that it cannot be read
            return False
        has_ended = state.state == "ended"
        if has_ended:
            self._forget(state.meeting)
        if is_retained or state.meeting == self.own or (not has_ended and state.meeting in self._known):
            return False
        if not has_ended:
            self.tell(state.meeting)
        return True

    def _forget(self, meeting: str) -> None:
        if meeting not in self._known:
            return
        self._known.remove(meeting)
        if self._known:
            self._notices.rival(self._room, self._known[-1])
        else:
            self._notices.no_rival()
