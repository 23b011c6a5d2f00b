"""One meeting, from its first sound to its last event."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import replace
from functools import partial

from streamer.errors import LOADING_FAILURES, SourceClosedError, StreamerError, cause_of
from streamer.interfaces import Sink
from streamer.meeting.clock import MeetingClock
from streamer.pipeline.listening import Listener
from streamer.pipeline.load import MeetingLoad
from streamer.pipeline.outlets import Outlets, awaited
from streamer.pipeline.plan import MeetingPlan, MeetingReport, Services
from streamer.pipeline.publishing import Publisher
from streamer.pipeline.requests import Requests
from streamer.pipeline.stages import Stages
from streamer.pipeline.storage import Storage
from streamer.types import (
    FRAME_SAMPLES,
    MICROPHONE_LOST,
    PAUSE_AWAITED,
    SAMPLE_RATE,
    DeviceAwaited,
    HotwordsChanged,
    MeetingCalledOff,
    MeetingEnded,
    MeetingStarted,
    Notice,
    Severity,
)


class Meeting:
    """Runs one meeting: a source, a listener, a decoder, a publisher and sinks, in one TaskGroup.

    It is a :class:`~streamer.interfaces.MeetingControl`: what is asked before the sound begins takes effect with it.
    Where its source is waited for, its sinks are there before it begins; if it is stopped meanwhile, it never does.
    """

    def __init__(self, plan: MeetingPlan, services: Services) -> None:
        self._plan = plan
        self._services = services
        self._outlets = Outlets(plan.room, services.settings.pipeline, services.messages)
        self._group: asyncio.TaskGroup | None = None
        self._listener: Listener | None = None
        self._publisher: Publisher | None = None
        self._requests = Requests()
        self._is_awaited = False
        """Whether the source is waited for."""
        self._load: Callable[[], MeetingLoad] = MeetingLoad
        self._failure: StreamerError | None = None
        """Why the models cannot be loaded."""
        self._seconds_before = 0.0
        """How far its start is dated back."""

    def attach(self, name: str, sink: Sink, run: Callable[[], Awaitable[None]] | None = None) -> None:
        """Add a sink before the meeting runs; ``run`` is a task of its own that ends after the last event."""
        self._outlets.attach(name, sink, run)

    @property
    def is_announced(self) -> bool:
        """Whether its sinks know of it: since it began, or since they were told what it waits for."""
        return self._outlets.is_started

    @property
    def sounded(self) -> int:
        """How far sound has got by now: a little further than what is recorded, for it is recorded in pieces."""
        return 0 if self._listener is None else self._listener.sounded

    def load(self) -> MeetingLoad:
        """What waits in the meeting now, and what failed so far. May be called from any thread."""
        return self._load()

    def notify(self, notice: Notice | HotwordsChanged | DeviceAwaited) -> None:
        """Tell every sink, and the store what it keeps; before there are sinks there is nobody to see it."""
        if isinstance(notice, DeviceAwaited):
            self._is_awaited = True
            if self._group is not None:
                self._outlets.start(self._group, self._post)
            if self._failure is not None:
                self._plan.source.close()
        elif isinstance(notice, Notice) and notice.key == MICROPHONE_LOST and notice.text and self._listener:
            self._listener.lose_sound()
        self._post(notice)

    @property
    def is_paused(self) -> bool:
        """Whether it is paused, or is to begin so; not once it has ended."""
        has_ended = self._listener is not None and not self.load().is_running
        return (self._listener or self._requests).is_paused and not has_ended

    def pause(self) -> None:
        """Stop recording and recognising until :meth:`resume`; the open utterance is finalised."""
        (self._listener or self._requests).pause()
        self._tell_pause()

    def resume(self) -> None:
        """Record and recognise again."""
        (self._listener or self._requests).resume()
        self._tell_pause()

    def mark(self, note: str = "") -> None:
        """Mark this moment, if there is a meeting."""
        if not self._is_awaited:
            (self._listener or self._requests).mark(note)

    def set_title(self, title: str) -> None:
        """Rename the meeting."""
        (self._listener or self._requests).set_title(title)

    def stop(self) -> None:
        """End the meeting: what was said is finalised and everything drained. If it is waited for, it never begins."""
        if self._listener is not None:
            self._listener.stop()
        else:
            self._requests.stop()
            self._plan.source.close()  # what is opened may hang, what is waited for may never come

    def wait_no_longer(self) -> None:
        """Leave what its sinks still have to send after its end for later, where they can."""
        self._outlets.leave()

    def give_up(self, failure: StreamerError) -> None:
        """The models cannot be loaded: no source need be waited for. ``failure``: why; raised by :meth:`run` then."""
        if self._listener is None:
            self._failure = failure
        if self._is_awaited:
            self._plan.source.close()

    async def run(self) -> MeetingReport:
        """Hold the meeting until its source ends or it is stopped.

        Raises:
            SourceClosedError: it was stopped while its source was opened or waited for; no meeting was begun.
            AudioError: the source cannot be opened; no meeting was begun.
            StoreError: the journal cannot be opened; no meeting was begun.
            PackError, RecognizerError, MissingDependencyError: the models cannot be loaded, and either the source was
                waited for, or something was said meanwhile: it is recorded, and the meeting has no end.
        """
        async with contextlib.AsyncExitStack() as held:
            try:
                async with asyncio.TaskGroup() as group:
                    self._group = group
                    begun = await self._begun(held)
                    if not isinstance(begun, Exception):
                        started, storage = begun
                        stages = self._start(group, started, storage)
            except BaseExceptionGroup as failures:
                raise cause_of(failures) from failures
            finally:
                self._load = partial(replace, self._load(), is_running=False, has_ended=True)
            if isinstance(begun, Exception):
                raise begun
        failure = self._failure or stages.listener.failure or storage.failure
        listener, decoder = stages.listener, stages.decoder
        return MeetingReport(
            started, listener.position, decoder.lost, failure, self._outlets.refusals, storage.has_refused
        )

    async def _begun(self, held: contextlib.AsyncExitStack) -> tuple[MeetingStarted, Storage] | Exception:
        """Open the source, then the journal: the meeting begins; else why it does not, which sinks that run are told.

        Args:
            held: releases what is opened.
        """
        plan, services = self._plan, self._services
        try:
            await held.enter_async_context(plan.source)
            self._is_awaited = False
            self._seconds_before = plan.seconds_before()
            started = plan.started(services.clock.now(), self._seconds_before)
            journal = await services.storage.run(partial(plan.open_journal, started))
        except Exception as error:  # noqa: BLE001 - raised when the sinks have ended: they tell that nobody is here now
            if self._outlets.is_started:
                self._forget_pause()
                self._outlets.post(MeetingCalledOff(services.clock.now()))
                self._outlets.close()
            return self._failure if self._failure and isinstance(error, SourceClosedError) else error
        waiting = services.settings.pipeline.waiting_sound_s * SAMPLE_RATE // FRAME_SAMPLES
        storage = Storage(journal, services.storage, waiting_frames=waiting)
        held.push_async_callback(storage.close)
        return started, storage

    def _start(self, group: asyncio.TaskGroup, started: MeetingStarted, storage: Storage) -> Stages:
        """Make the stages, and the tasks that they are."""
        lanes, messages = self._outlets.lanes, self._services.messages
        self._publisher = publisher = Publisher(storage, lanes, self._services.settings.pipeline)
        clock = MeetingClock(started.started_at)
        stages = Stages.of(self._plan, self._services, storage, clock, publisher.post)
        self._load = partial(stages.load, lanes)
        publisher.post(started)
        self._listener, self._failure = stages.listener, None  # whoever decodes tries to load them once more
        self._requests.pass_on(stages.listener)
        self._forget_pause()
        tasks: dict[str, Callable[[], Awaitable[None]]] = {
            "listen": stages.listener.listen,
            "decode": partial(self._decode, stages, publisher),
            "publish": partial(publisher.publish, messages),
        }
        for name, run in tasks.items():
            group.create_task(awaited(run), name=f"streamer.{self._plan.room}.{name}")
        self._outlets.start(group, self._post)
        return stages

    async def _decode(self, stages: Stages, publisher: Publisher) -> None:
        listener = stages.listener
        try:
            await stages.decoder.load()
        except LOADING_FAILURES as error:
            listener.stop()
            # What was said is decoded by recovery; where nobody said anything, the meeting has its end.
            if await stages.desk.has_work():
                raise
            self._failure = error
        else:
            await stages.decoder.decode()
        publisher.post(MeetingEnded(listener.position, listener.ended_at(is_dated_back=self._seconds_before > 0)))
        publisher.close()

    def _tell_pause(self) -> None:
        """Show that a meeting that is waited for will begin with a pause, or will not: nothing else shows it yet."""
        if self._is_awaited:
            text = self._services.messages.begins_paused if self._requests.is_paused else ""
            self._post(Notice(PAUSE_AWAITED, Severity.INFO, text))

    def _forget_pause(self) -> None:
        if self._requests.is_paused:
            self._post(Notice(PAUSE_AWAITED, Severity.INFO, ""))

    def _post(self, event: Notice | HotwordsChanged | DeviceAwaited) -> None:
        if self._publisher is not None:
            self._publisher.post(event)
        elif self._outlets.is_started:
            self._outlets.post(event)
