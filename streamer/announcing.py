"""Captions of a meeting as messages that wait for its broker; its finals are counted."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from streamer.meeting.outbox import OutboxEntry, WaitingQueue
from streamer.settings.mqtt import MqttSettings
from streamer.sinks.mqtt.address import Topics, parse_address
from streamer.sinks.mqtt.encoding import final_payload, revised_payload
from streamer.sinks.mqtt.payloads import encode
from streamer.types import MeetingEvent, SegmentFinalized, SegmentRevised


class CaptionAnnouncer:
    """What a caption puts into the outbox: an :data:`~streamer.meeting.journal.Announce`.

    Each final has a number, which is stored with its message: one that is sent again has the same number. The store
    counts them in the transaction that stores them, so that recovery goes on where a crash came. A final in hindsight
    comes after it and has no number: whoever counts finals misses nothing where it is left out.
    """

    def __init__(self, settings: MqttSettings, room: str, meeting_id: str, announced: int = 0) -> None:
        """Count on.

        Args:
            settings: the broker's address with the prefix, and whether finals in hindsight are published.
            room: the meeting's.
            meeting_id: the meeting's.
            announced: how many finals of this meeting were put into the outbox before.

        Raises:
            SettingsError: the address or the room's name is wrong.
        """
        self._broker, (self._final, self._revised) = caption_queue(settings.url, room)
        self._has_revisions = settings.revisions
        self._room = room
        self._meeting_id = meeting_id
        self._announced = announced

    def __call__(self, event: MeetingEvent) -> Sequence[OutboxEntry]:
        """The messages of an event, each to be stored before the next is asked for."""
        match event:
            case SegmentFinalized(segment=segment):
                self._announced += 1
                payload = encode(final_payload(self._room, self._meeting_id, segment, self._announced))
                return (OutboxEntry(self._broker, self._final, payload),)
            case SegmentRevised(segment=segment) if self._has_revisions:
                payload = encode(revised_payload(self._room, self._meeting_id, segment))
                return (OutboxEntry(self._broker, self._revised, payload, is_final=False),)
            case _:
                return ()


def caption_queue(url: str, room: str) -> tuple[str, tuple[str, str]]:
    """Broker and topics that a room's captions wait for, as in :attr:`~streamer.sinks.mqtt.address.Topics.kept`.

    Raises:
        SettingsError: the address or the room's name is wrong.
    """
    address = parse_address(url)
    return address.broker, Topics(address.prefix, room).kept


def unserved(queue: WaitingQueue, url: str, rooms: Collection[str] | None) -> str:
    """The broker of captions that nobody sends, with prefix and room where others are sent to it; empty: they are.

    Args:
        queue: what waits for one broker on one topic.
        url: of the broker that is sent to; empty: there is none.
        rooms: whose captions are sent there; None: of all rooms.

    Raises:
        SettingsError: the address is wrong.
    """
    if not url or queue.broker != parse_address(url).broker:
        return queue.broker
    if rooms is None or any(queue.topic in caption_queue(url, room)[1] for room in rooms):
        return ""
    return f"{queue.broker}/{queue.topic.removesuffix('/revised').removesuffix('/caption/final')}"
