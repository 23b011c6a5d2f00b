"""All figures of a process, put together."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager

from prometheus_client import CollectorRegistry, ProcessCollector

from streamer.asr.packset import NpuStatistics
from streamer.metrics.instruments import Instruments
from streamer.metrics.levels import Levels, Watched
from streamer.metrics.room import RoomMetrics
from streamer.metrics.server import serve
from streamer.pipeline import Meeting
from streamer.settings import Settings


class Metrics:
    """Counts in every room, and shows what was counted. Memory, open files and CPU come from ``/proc``."""

    def __init__(self, npu: Callable[[], NpuStatistics | None], outbox: Callable[[], Mapping[str, int]]) -> None:
        """Begin with no room.

        Args:
            npu: how the NPU does; None without one. Called in the server's threads, as ``outbox``.
            outbox: messages that no broker has confirmed, by room; without those that have none, or whose store does
                not answer.
        """
        self.registry = CollectorRegistry()
        """What is shown."""
        self._instruments = Instruments(self.registry)
        self._rooms: dict[str, Watched] = {}
        self.registry.register(Levels(self._rooms, npu, outbox))
        ProcessCollector(registry=self.registry)

    def watch(self, room: str, meeting: Meeting, settings: Settings) -> RoomMetrics:
        """Count in a room: attach what is returned to its meeting.

        Args:
            room: its label.
            meeting: not running yet.
            settings: of the room.
        """
        pause_ms = settings.segmenter.pause_ms
        counting = RoomMetrics(room, self._instruments, lambda: meeting.sounded, pause_ms=pause_ms)
        self._rooms[room] = Watched(meeting.load, lambda: counting.decoding_seconds)
        return counting

    def serve(self, settings: Settings) -> AbstractContextManager[None]:
        """Show the figures for as long as the context is entered.

        Raises:
            SinkError: the port is taken.
        """
        return serve(self.registry, settings.metrics)
