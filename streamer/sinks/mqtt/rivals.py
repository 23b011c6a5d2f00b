"""Another program that holds a meeting in the same room: both are told, whichever came first."""

from __future__ import annotations

from streamer.sinks.mqtt.notices import LinkNotices
from streamer.sinks.mqtt.payloads import MeetingPayload, decode


class Rivals:
    """Knows of one other meeting of the room by what the broker passes on."""

    def __init__(self, room: str, notices: LinkNotices) -> None:
        self.own = ""
        """Id of this program's meeting; empty before it has begun."""
        self._room = room
        self._notices = notices
        self._known = ""

    def tell(self, meeting: str) -> None:
        """Say that another meeting is held in the room."""
        if meeting != self._known:
            self._known = meeting
            self._notices.rival(self._room, meeting)

    def hear(self, payload: bytes, *, is_retained: bool) -> None:
        """Take what comes on the room's topic ``meeting``. Retained may be the state of one that was broken off."""
        try:
            state = decode(payload, MeetingPayload)
        except ValueError:  # nobody's meeting: whoever watches is told that it cannot be read
            return
        if state.state == "ended" and state.meeting == self._known:
            self._known = ""
            self._notices.no_rival()
        elif state.state != "ended" and not is_retained and state.meeting != self.own:
            self.tell(state.meeting)
