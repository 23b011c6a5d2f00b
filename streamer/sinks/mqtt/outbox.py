"""Captions that wait for the broker: what the publisher asks of the meeting store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol


class OutboxMessage(Protocol):
    """One message that the broker has not confirmed."""

    @property
    def id(self) -> int:
        """Grows with time; the order of sending."""

    @property
    def topic(self) -> str:
        """Where it is published."""

    @property
    def payload(self) -> bytes:
        """What is published."""


class Outbox(Protocol):
    """The durable queue behind the publisher, which is its only reader. Every call blocks: storage thread."""

    def waiting(self, limit: int) -> Sequence[OutboxMessage]:
        """The oldest messages that are neither confirmed nor parked, oldest first."""

    def count(self) -> int:
        """How many wait."""

    def confirm(self, message_id: int) -> None:
        """The broker has this message: forget it."""

    def park(self, message_id: int, reason: str) -> None:
        """Set a message aside that the broker will never take, so that it blocks no other."""
