"""One meeting, from its first sound to its last event."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from functools import partial

from streamer.clock import to_the_millisecond
from streamer.errors import MissingDependencyError, PackError, RecognizerError, StreamerError
from streamer.interfaces import Sink
from streamer.meeting.clock import MeetingClock
from streamer.pipeline.listening import Listener
from streamer.pipeline.load import MeetingLoad
from streamer.pipeline.plan import MeetingPlan, MeetingReport, Services
from streamer.pipeline.publishing import Publisher, SinkLane
from streamer.pipeline.stages import Stages
from streamer.pipeline.storage import Storage
from streamer.types import (
    FRAME_SAMPLES,
    MICROPHONE_LOST,
    SAMPLE_RATE,
    HotwordsChanged,
    MeetingEnded,
    MeetingStarted,
    Notice,
)


class Meeting:
    """Runs one meeting: a source, a listener, a decoder, a publisher and sinks, in one TaskGroup.

    It is a :class:`~streamer.interfaces.MeetingControl`: what is asked before the sound begins takes effect with it.
    """

    def __init__(self, plan: MeetingPlan, services: Services) -> None:
        self._plan = plan
        self._services = services
        self._sinks: dict[str, Sink] = {}
        self._companions: dict[str, Callable[[], Awaitable[None]]] = {}
        self._listener: Listener | None = None
        self._publisher: Publisher | None = None
        self._requests: list[Callable[[Listener], None]] = []
        self._load: Callable[[], MeetingLoad] = MeetingLoad
        self._failure: StreamerError | None = None
        """Why the models cannot be loaded."""
        self._seconds_before = 0.0
        """How far its start is dated back."""

    def attach(self, name: str, sink: Sink, run: Callable[[], Awaitable[None]] | None = None) -> None:
        """Add a sink before the meeting runs; ``run`` is a task of its own that ends after ``MeetingEnded``."""
        self._sinks[name] = sink
        if run is not None:
            self._companions[name] = run

    @property
    def position(self) -> int:
        """Samples recorded so far."""
        return 0 if self._listener is None else self._listener.position

    @property
    def sounded(self) -> int:
        """How far sound has got by now: a little further than what is recorded, for it is recorded in pieces."""
        return 0 if self._listener is None else self._listener.sounded

    def load(self) -> MeetingLoad:
        """What waits in the meeting now, and what failed so far. May be called from any thread."""
        return self._load()

    def notify(self, notice: Notice | HotwordsChanged) -> None:
        """Tell every sink, and the store what it keeps; before the meeting runs there is nobody to see it."""
        if isinstance(notice, Notice) and notice.key == MICROPHONE_LOST and notice.text and self._listener is not None:
            self._listener.lose_sound()
        if self._publisher is not None:
            self._publisher.post(notice)

    def pause(self) -> None:
        """Stop recording and recognising until :meth:`resume`; the open utterance is finalised."""
        self._ask(Listener.pause)

    def resume(self) -> None:
        """Record and recognise again."""
        self._ask(Listener.resume)

    def toggle_pause(self) -> None:
        """Pause, or resume where it is paused."""
        self._ask(Listener.toggle_pause)

    def mark(self, note: str = "") -> None:
        """Mark this moment."""
        self._ask(partial(Listener.mark, note=note))

    def set_title(self, title: str) -> None:
        """Rename the meeting."""
        self._ask(partial(Listener.set_title, title=title))

    def stop(self) -> None:
        """End the meeting: what was said is finalised and everything drained."""
        self._ask(Listener.stop)

    async def run(self) -> MeetingReport:
        """Hold the meeting until its source ends or it is stopped.

        Raises:
            AudioError: the source cannot be opened; no meeting was begun.
            StoreError: the journal cannot be opened; no meeting was begun.
            PackError, RecognizerError, MissingDependencyError: the models cannot be loaded, and something was said
                meanwhile: it is recorded, and the meeting has no end.
        """
        plan, services = self._plan, self._services
        async with plan.source:
            self._seconds_before = plan.seconds_before()
            started = self._started()
            journal = await services.storage.run(partial(plan.open_journal, started))
            waiting = services.settings.pipeline.waiting_sound_s * SAMPLE_RATE // FRAME_SAMPLES
            storage = Storage(journal, services.storage, waiting_frames=waiting)
            async with _closing(storage):
                lanes = tuple(SinkLane(name, sink, services.settings.pipeline) for name, sink in self._sinks.items())
                stages = await self._hold(started, storage, lanes)
            refusals = {lane.name: lane.refusal for lane in lanes if lane.refusal}
            failure = self._failure or stages.listener.failure or storage.failure
            return MeetingReport(started, stages.listener.position, stages.decoder.lost, failure, refusals)

    async def _hold(self, started: MeetingStarted, storage: Storage, lanes: tuple[SinkLane, ...]) -> Stages:
        settings, messages = self._services.settings, self._services.messages
        self._publisher = publisher = Publisher(storage, lanes, settings.pipeline)
        clock = MeetingClock(started.started_at)
        stages = Stages.of(self._plan, self._services, storage, clock, publisher.post)
        self._load = partial(stages.load, lanes)
        publisher.post(started)
        try:
            async with asyncio.TaskGroup() as group:
                self._begin(stages.listener)
                tasks: dict[str, Callable[[], Awaitable[None]]] = {
                    "listen": stages.listener.listen,
                    "decode": partial(self._decode, stages, publisher),
                    "publish": partial(publisher.publish, messages),
                    **{f"sink.{lane.name}": partial(lane.run, publisher.post, messages) for lane in lanes},
                    **self._companions,
                }
                for name, run in tasks.items():
                    group.create_task(_awaited(run), name=f"streamer.{self._plan.room}.{name}")
        except BaseExceptionGroup as group:
            raise _cause(group) from group
        finally:
            self._load = partial(replace, self._load(), is_running=False)
        return stages

    async def _decode(self, stages: Stages, publisher: Publisher) -> None:
        listener = stages.listener
        try:
            await stages.decoder.load()
        except (PackError, RecognizerError, MissingDependencyError) as error:
            listener.stop()
            # What was said is decoded by recovery; where nobody said anything, the meeting has its end.
            if await stages.desk.has_work():
                raise
            self._failure = error
        else:
            await stages.decoder.decode()
        publisher.post(MeetingEnded(listener.position, listener.ended_at(is_dated_back=self._seconds_before > 0)))
        publisher.close()

    def _started(self) -> MeetingStarted:
        now = self._services.clock.now()
        return MeetingStarted(
            meeting_id=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}",
            title=self._plan.title,
            room=self._plan.room,
            device=self._plan.device or self._plan.source.name,
            pack=self._plan.pack,
            started_at=to_the_millisecond(now - timedelta(seconds=self._seconds_before)),
        )

    def _ask(self, request: Callable[[Listener], None]) -> None:
        if self._listener is not None:
            request(self._listener)
        else:
            # Bounded by what a person can ask for while a device is being opened.
            self._requests.append(request)

    def _begin(self, listener: Listener) -> None:
        self._listener = listener
        for request in self._requests:
            request(listener)
        self._requests.clear()


@contextlib.asynccontextmanager
async def _closing(storage: Storage) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await storage.close()


async def _awaited(run: Callable[[], Awaitable[None]]) -> None:
    await run()


def _cause(group: BaseExceptionGroup[BaseException]) -> BaseException:
    """The one expected failure behind a group: a meeting ends with one message. The group where there is a defect."""
    defects = group.split(StreamerError)[1]
    cause: BaseException = group
    while isinstance(cause, BaseExceptionGroup):
        cause = cause.exceptions[0]
    return group if defects is not None else cause
