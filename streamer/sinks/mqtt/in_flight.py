"""What was sent over one connection and may not have arrived. Pure."""

from __future__ import annotations

SUBSCRIPTION = 0
"""A subscription's number among messages, which begin with 1."""


def subscription_of(topic: str) -> str:
    """What :attr:`InFlight.suspect` calls a subscription; no topic that anybody publishes on begins like this."""
    return f"$SUBSCRIBE/{topic}"


class InFlight:
    """Knows what the other side may have closed the connection over: what it has not answered."""

    def __init__(self) -> None:
        self._waiting: dict[int, tuple[str, bytes]] = {}
        self._unanswered: set[str] = set()
        self._taken: set[str] = set()

    def send(self, number: int, topic: str, payload: bytes) -> None:
        """Something was sent that waits for its receipt."""
        self._waiting[number] = (topic, payload)

    def confirm(self, number: int) -> None:
        """A receipt has come: what had none to wait for came before it."""
        self._waiting.pop(number, None)
        if not self._waiting:
            self._taken |= self._unanswered
            self._unanswered.clear()

    def pass_on(self, topic: str) -> None:
        """Something was sent on a topic with QoS 0."""
        self._unanswered.add(topic)

    def take_taken(self) -> set[str]:
        """Topics of messages with QoS 0 that have arrived since this was asked for last."""
        taken, self._taken = self._taken, set()
        return taken

    @property
    def suspect(self) -> tuple[str, bytes] | None:
        """Topic and payload (of QoS 0: none) of the one message that is not answered; None: that is none or several."""
        unanswered = [*self._waiting.values(), *((topic, b"") for topic in self._unanswered)]
        return unanswered[0] if len(unanswered) == 1 else None
