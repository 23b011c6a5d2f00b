"""Whether a watched room waits for its microphone. Pure."""

from __future__ import annotations

from datetime import UTC, datetime

from streamer.sinks.mqtt.payloads import StatusPayload, WaitingPayload
from streamer.types import DeviceAwaited, MeetingCalledOff


class Wait:
    """Of one room: told when it begins, again after a meeting of the past, and when nobody waits any more."""

    def __init__(self) -> None:
        self._awaited: DeviceAwaited | None = None

    def take(self, payload: StatusPayload) -> tuple[DeviceAwaited | MeetingCalledOff, ...]:
        """What a status tells of it."""
        before, self._awaited = self._awaited, None
        if payload.status == "online" and isinstance(waiting := payload.waiting, WaitingPayload):
            self._awaited = DeviceAwaited(waiting.device, waiting.since, waiting.reason)
            return (self._awaited,) if self._awaited != before else ()
        # Online without it: the meeting begins, of which another topic tells.
        is_over = before is not None and payload.status != "online"
        return (MeetingCalledOff(datetime.now(UTC)),) if is_over else ()

    def still(self, begun_at: datetime | None) -> tuple[DeviceAwaited, ...]:
        """What holds after the state of a meeting was told. ``begun_at``: when it began; None: it has ended."""
        # One that began before the wait was broken off, and its state is what the broker kept of it.
        if begun_at is not None and self._awaited is not None and begun_at >= self._awaited.since:
            self._awaited = None
        return () if self._awaited is None else (self._awaited,)
