"""The delays of captions, as a sink sees them."""

from __future__ import annotations

from collections.abc import Callable

from streamer.types import SAMPLE_RATE, EndReason, MeetingEvent, SegmentFinalized, SegmentUpdated


class Delays:
    """A :class:`~streamer.interfaces.Sink` that takes the delays of captions."""

    def __init__(self, position: Callable[[], int], pause: int) -> None:
        """``position``: how far sound has got. ``pause``: samples of silence that a segment holds at its end."""
        self._position = position
        self._pause = pause
        self._finals: list[float] = []
        self._lags: list[float] = []
        self.count = 0

    async def handle(self, event: MeetingEvent) -> None:
        """Take an event's delay."""
        if isinstance(event, SegmentUpdated):
            self._lags.append(event.lag_seconds)
        elif isinstance(event, SegmentFinalized) and event.segment.text:
            self.count += 1
            if event.segment.end_reason is EndReason.SILENCE:
                spoken = event.segment.end_sample - self._pause
                self._finals.append((self._position() - spoken) / SAMPLE_RATE)

    def take(self) -> tuple[float | None, float | None]:
        """Means since this was asked last; None where there is nothing."""
        finals, lags, self._finals, self._lags = self._finals, self._lags, [], []
        return _mean(finals), _mean(lags)


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None
