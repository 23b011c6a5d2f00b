"""Where a meeting's events go: its sinks, each served by a task, from before it begins until it has ended."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping

from streamer.interfaces import Sink
from streamer.pipeline.publishing import SinkLane, hand_out
from streamer.settings.pipeline import PipelineSettings
from streamer.sinks.messages import Messages
from streamer.types import MeetingEvent, Notice


class Outlets:
    """The sinks of one meeting; they are not told of it before they are started."""

    def __init__(self, room: str, settings: PipelineSettings, messages: Messages) -> None:
        """``room``: names the tasks."""
        self._room = room
        self._settings = settings
        self._messages = messages
        self._lanes: list[SinkLane] = []
        self._companions: dict[str, Callable[[], Awaitable[None]]] = {}
        self._running: list[asyncio.Task[None]] = []
        """Tasks of the companions."""
        self._is_started = self._is_closed = False

    def attach(self, name: str, sink: Sink, run: Callable[[], Awaitable[None]] | None = None) -> None:
        """Add a sink before they are started; ``run`` is a task of its own that ends after the last event."""
        self._lanes.append(SinkLane(name, sink, self._settings))
        if run is not None:
            self._companions[name] = run

    @property
    def lanes(self) -> tuple[SinkLane, ...]:
        """One of each sink."""
        return tuple(self._lanes)

    @property
    def is_started(self) -> bool:
        """Whether the sinks are served."""
        return self._is_started

    @property
    def refusals(self) -> Mapping[str, str]:
        """Why sinks did not take what they were offered last, by their names."""
        return {lane.name: lane.refusal for lane in self._lanes if lane.refusal}

    def start(self, group: asyncio.TaskGroup, tell: Callable[[Notice], None]) -> None:
        """Serve the sinks from now on. Safe to call twice.

        Args:
            group: owns their tasks.
            tell: shows what is wrong with one sink in the others.
        """
        if self._is_started:
            return
        self._is_started = True
        for lane in self._lanes:
            serving = lane.run(tell, self._messages)
            group.create_task(serving, name=f"streamer.{self._room}.sink.{lane.name}")
        self._running = [
            group.create_task(awaited(run), name=f"streamer.{self._room}.{name}")
            for name, run in self._companions.items()
        ]

    def post(self, event: MeetingEvent) -> None:
        """Give an event to every sink, without waiting; after :meth:`close` it is left out."""
        if not self._is_closed:
            hand_out(event, self._lanes, self._messages)

    def leave(self) -> None:
        """Cancel the sinks' own tasks: after the last event they only send what is kept anyway."""
        for task in self._running:
            task.cancel()

    def close(self) -> None:
        """Nothing more comes; what waits is still taken."""
        self._is_closed = True
        for lane in self._lanes:
            lane.close()


async def awaited(run: Callable[[], Awaitable[None]]) -> None:
    """What is awaited as a coroutine, which tasks are made of."""
    await run()
