"""Finals of a meeting as messages that wait for its broker, counted."""

from __future__ import annotations

from collections.abc import Sequence

from streamer.meeting.outbox import OutboxEntry
from streamer.sinks.mqtt.address import Topics, parse_address
from streamer.sinks.mqtt.payloads import encode, final_payload
from streamer.types import MeetingEvent, SegmentFinalized


class FinalAnnouncer:
    """What a final puts into the outbox: an :data:`~streamer.meeting.journal.Announce`.

    Each message has a number, which is stored with it: a message that is sent again has the same one. The store counts
    them in the transaction that stores them, so that recovery goes on where a crash came.
    """

    def __init__(self, url: str, room: str, meeting_id: str, announced: int = 0) -> None:
        """Count on.

        Args:
            url: of the broker, with the prefix.
            room: the meeting's.
            meeting_id: the meeting's.
            announced: how many messages of this meeting were put into the outbox before.

        Raises:
            SettingsError: the address or the room's name is wrong.
        """
        self._broker, self._topic = final_queue(url, room)
        self._room = room
        self._meeting_id = meeting_id
        self._announced = announced

    def __call__(self, event: MeetingEvent) -> Sequence[OutboxEntry]:
        """The messages of an event, each to be stored before the next is asked for."""
        if not isinstance(event, SegmentFinalized):
            return ()
        self._announced += 1
        payload = encode(final_payload(self._room, self._meeting_id, event.segment, self._announced))
        return (OutboxEntry(self._broker, self._topic, payload),)


def final_queue(url: str, room: str) -> tuple[str, str]:
    """Broker and topic that a room's finals wait for.

    Raises:
        SettingsError: the address or the room's name is wrong.
    """
    address = parse_address(url)
    return address.broker, Topics(address.prefix, room).final
