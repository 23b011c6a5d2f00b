"""The retained topic ``meeting``, told anew whenever it changes and on each new connection."""

from __future__ import annotations

import asyncio

from streamer.sinks.mqtt.address import Topics
from streamer.sinks.mqtt.best_effort import BestEffort
from streamer.sinks.mqtt.link import Link
from streamer.sinks.mqtt.payloads import encode
from streamer.sinks.mqtt.state import MeetingState
from streamer.types import MeetingEnded, MeetingEvent


class MeetingTopic:
    """Publishes what is known of a room's meeting. Its end goes after the last final: whoever sends those tells it."""

    def __init__(self, topics: Topics, best_effort: BestEffort, patience_s: float) -> None:
        """``patience_s``: seconds after which the end is told all the same where finals take so long."""
        self._topic = topics.meeting
        self._best_effort = best_effort
        self._patience_s = patience_s
        self._state = MeetingState(topics.room)
        self._has_changed = asyncio.Event()
        self._has_ended = False
        self._has_news = False

    @property
    def meeting_id(self) -> str:
        """Id of the meeting; empty before it started."""
        return self._state.meeting_id

    def apply(self, event: MeetingEvent) -> None:
        """Take an event."""
        self._has_ended |= isinstance(event, MeetingEnded)
        if self._state.apply(event):
            self._has_changed.set()

    def confirm(self, final: bytes) -> None:
        """Take an encoded final that the broker has now; it is told of after a row of them, by :meth:`tell_news`."""
        self._has_news |= self._state.confirm(final)

    def tell_news(self) -> None:
        """Have finals told of that were confirmed."""
        if self._has_news:
            self._has_changed.set()

    def tell_again(self) -> None:
        """Have the state told on a new connection."""
        self._has_changed.set()

    async def send_changes(self, link: Link) -> None:
        """Tell the state whenever it has changed, until cancelled.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        while True:
            await self._has_changed.wait()
            if self._has_ended:
                # Told now only where finals take so long that nobody would be told.
                await asyncio.sleep(self._patience_s)
            await self.send(link)

    async def send(self, link: Link) -> None:
        """Tell the state.

        Raises:
            aiomqtt.MqttError: the connection is gone.
        """
        self._has_changed.clear()
        self._has_news = False
        if (payload := self._state.payload()) is not None:
            await self._best_effort.publish(link, self._topic, encode(payload), retain=True)
