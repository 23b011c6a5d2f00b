"""Messages over which a broker closes the connection instead of answering, as one that speaks MQTT 3.1.1 may. Pure."""

from __future__ import annotations

from collections import deque

PATIENCE = 5
"""Connections that break over a message before it is left out, or set aside."""
_LESS_PATIENCE = 2
"""The same where another of its topic was left out, and none was taken since."""
_SHUN_AFTER = 3
"""Messages of a topic that are left out in a row before the topic is."""
_REMEMBERED = 32
"""Messages that were left out: more than a room's topics need."""
_LEARN_AFTER = 2
"""Messages that are taken only when they are smaller before others of their size are not tried any more."""


class Breaks:
    """Counts the connections that broke over each message: it may be the one that the broker does not stand, or chance.

    One message left out says nothing of its topic; some in a row do, where the broker does not allow it.
    """

    def __init__(self) -> None:
        # Topic and payload of what the last connections broke over: chance meets one message, then another.
        self._last: deque[tuple[str, bytes]] = deque(maxlen=PATIENCE)
        # The oldest goes first, and is tried again if it still comes.
        self._left_out: deque[tuple[str, bytes]] = deque(maxlen=_REMEMBERED)
        # Bytes of the smallest that were taken only without a part of them.
        self._too_large: list[int] = []

    def note(self, topic: str, payload: bytes) -> bool:
        """A connection broke over this message; whether it is left out from now on."""
        message = (topic, payload)
        self._last.append(message)
        patience = _LESS_PATIENCE if self._row(topic) else PATIENCE
        if message in self._left_out or self._last.count(message) < patience:
            return False
        self._left_out.append(message)
        return True

    def note_taken(self, topic: str) -> None:
        """The broker took a message of this topic: it allows it."""
        for messages in (self._last, self._left_out):
            for message in [one for one in messages if one[0] == topic]:
                messages.remove(message)

    def note_shortened(self, size: int) -> bool:
        """A message of so many bytes was taken only without a part of it; whether :attr:`limit` is another now."""
        before = self.limit
        self._too_large = sorted((*self._too_large, size))[:_LEARN_AFTER]
        return self.limit != before

    @property
    def limit(self) -> int | None:
        """Bytes from which on the broker closes the connection; None: not known."""
        return self._too_large[0] if len(self._too_large) == _LEARN_AFTER else None

    def count(self, topic: str, payload: bytes) -> int:
        """How many of the last connections, at most :data:`PATIENCE`, broke over this message."""
        return self._last.count((topic, payload))

    def is_left_out(self, topic: str, payload: bytes) -> bool:
        """Whether this message is not to be sent any more."""
        return (topic, payload) in self._left_out

    def is_shunned(self, topic: str) -> bool:
        """Whether no message of this topic is to be sent any more."""
        return self._row(topic) >= _SHUN_AFTER

    def _row(self, topic: str) -> int:
        """Messages of a topic that were left out since one was taken."""
        return sum(left_out == topic for left_out, _ in self._left_out)
