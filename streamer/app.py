"""The composition root of live meetings: which concrete parts a meeting is made of, and how the process ends it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.archive.archive import Archive, data_folder
from streamer.archive.books import minutes_sink
from streamer.archive.journals import open_meeting
from streamer.clock import Clock, EarlierClock, SystemClock
from streamer.controls import Everyone, controls
from streamer.farewell import Farewell
from streamer.interfaces import AudioSource, Journal
from streamer.outputs import LOG_NAME, Output, Outputs, choose_messages, open_outputs
from streamer.pipeline import InferenceTurns, Meeting, MeetingPlan, Recognition, Services, Worker
from streamer.recognition import SharedModels, log_hotwords
from streamer.rooms import RoomOutcome, give_up_waiting, hold_rooms
from streamer.settings import Settings
from streamer.settings.room import SinkName
from streamer.sinks.messages import Messages
from streamer.sinks.quiet import WithoutText
from streamer.sinks.told_notices import log_notice, told_event, told_notice
from streamer.sources import DEMO, MICROPHONE, open_source, seconds_before, seconds_in_all
from streamer.types import HotwordsChanged, MeetingStarted, Notice
from streamer.vad.webrtc import WebrtcDetector

if TYPE_CHECKING:
    from streamer.broadcast import Broadcast
    from streamer.metrics.metrics import Metrics
    from streamer.metrics.room import RoomMetrics


@dataclass(frozen=True, slots=True)
class MeetingOptions:
    """What one meeting is about; everything else is settings."""

    source: str
    """``mic``, ``demo``, ``-`` (raw PCM on standard input), or the path of a sound file."""
    title: str
    room: str
    output: Output
    is_fast: bool = False
    """Read a file as fast as it is decoded, instead of at the speed of speech."""
    data_dir: Path | None = None
    """Where meetings are kept; None: as configured."""
    sinks: tuple[SinkName, ...] = ("terminal", "minutes", "mqtt")
    """Where the captions go besides the store; ``terminal`` is standard output, whatever is written there."""
    began: datetime | None = None
    """When the recording that the source plays was begun; None: now."""


async def run_rooms(
    rooms: Mapping[MeetingOptions, Settings], remarks: Sequence[Notice] = ()
) -> tuple[RoomOutcome, ...]:
    """Hold the meetings of all rooms at the same time; one that fails does not stop the others.

    Args:
        rooms: what each is about, with its settings; those of recogniser, store and terminal are the first one's.
        remarks: what the first room's output shows before all else.

    Raises:
        StreamerError: something that all share cannot be opened.
        asyncio.CancelledError: a second SIGINT (or SIGQUIT) aborted them; what was recorded is kept.
    """
    first, settings = next(iter(rooms.items()))
    models = SharedModels(settings)
    archive = Archive(data_folder(settings, first.data_dir))
    messages = choose_messages(settings, os.environ)
    with ExitStack() as owned:
        inference = owned.enter_context(Worker("streamer-inference"))
        storage = owned.enter_context(Worker("streamer-storage"))
        owned.callback(inference.submit, models.close)
        log, names = archive.data_dir / LOG_NAME, [options.room for options in rooms]
        output = owned.enter_context(open_outputs(names, first.output, log, messages, settings))
        broadcasts: dict[str, Broadcast] = {}
        metrics = _metrics(models, settings, partial(_waiting, storage, broadcasts), owned)
        shared = _Shared(models, InferenceTurns(inference), storage, messages, output, metrics, broadcasts)
        meetings = {options.room: _compose(options, own, shared, owned) for options, own in rooms.items()}
        # The models load while the devices open; a failure is told by whoever needs them first. Not sooner: where
        # something cannot be opened the program ends, and one that ends while they load is aborted by their library.
        loading = inference.run(models.load)
        loading.add_done_callback(partial(give_up_waiting, tuple(meetings.values())))
        owned.enter_context(controls(Everyone(list(meetings.values())), output.screen))
        for remark in remarks:
            await output.sink(names[0]).handle(remark)
        held = {room: (meeting, output.sink(room)) for room, meeting in meetings.items()}
        outcomes = await hold_rooms(held, messages)
        farewell = Farewell(archive, settings, storage, messages)
        for outcome in outcomes:
            lacking, lines = await farewell.said(outcome, shared.broadcasts.get(outcome.room))
            if lacking is not None and first.output is Output.JSON:  # what else is said is for people
                await output.sink(outcome.room).handle(lacking)
            for line in lines:
                output.say(line if len(rooms) == 1 else f"[{outcome.room}] {line}")
        return outcomes


@dataclass(frozen=True, slots=True)
class _Shared:
    """What the rooms of this process share."""

    models: SharedModels
    turns: InferenceTurns
    storage: Worker
    messages: Messages
    output: Outputs
    metrics: Metrics | None
    broadcasts: dict[str, Broadcast]
    """By room."""


def _compose(options: MeetingOptions, settings: Settings, shared: _Shared, owned: ExitStack) -> Meeting:
    """One room's meeting with its sinks; what it holds is released with ``owned``."""
    clock: Clock = SystemClock() if options.began is None else EarlierClock(SystemClock(), options.began)
    services = Services(shared.turns, shared.storage, clock, shared.messages, settings)
    broadcast = _broadcast(options, settings, shared.storage)
    if broadcast is not None:
        shared.broadcasts[options.room] = owned.enter_context(broadcast)
    # The microphone speaks to the meeting, which is made with the microphone.
    meeting: Meeting
    source = open_source(
        options.source,
        settings,
        lambda event: meeting.notify(told_event(event, shared.messages, options.title)),
        is_fast=options.is_fast,
        clock=clock,
    )
    open_journal = broadcast.open_journal if broadcast is not None else None
    counting: RoomMetrics | None = None

    def counted(recognition: Recognition) -> Recognition:
        return (
            recognition if counting is None else replace(recognition, recognizer=counting.timed(recognition.recognizer))
        )

    meeting = make_meeting(options, source, shared.models, services, open_journal, counted)
    if shared.metrics is not None:
        counting = shared.metrics.watch(options.room, meeting, settings)
        meeting.attach("metrics", counting)
    if broadcast is not None:

        def tell_outage(notice: Notice) -> None:
            if options.output is Output.TERMINAL:  # lines stay where they are
                log_notice(notice)
            meeting.notify(told_notice(notice, shared.messages))

        publisher = broadcast.sink(meeting, tell_outage)
        meeting.attach("mqtt", publisher, publisher.run)
    output = shared.output.sink(options.room)
    if "terminal" in options.sinks:
        meeting.attach(options.output, output)
    elif options.output is not Output.JSON:
        # A person still sees that the room is there, and how it is doing.
        meeting.attach(options.output, WithoutText(output))
    return meeting


def make_meeting(
    options: MeetingOptions,
    source: AudioSource,
    models: SharedModels,
    services: Services,
    open_journal: Callable[[MeetingStarted], Journal] | None = None,
    prepare: Callable[[Recognition], Recognition] = lambda recognition: recognition,
) -> Meeting:
    """A meeting that is stored and, where wanted, whose minutes are written; other sinks are the caller's.

    Args:
        options: what it is about.
        source: what it listens to.
        models: shared by all meetings of this process.
        services: likewise.
        open_journal: where something is announced together with what is stored; called in the storage thread.
        prepare: gives what decodes something to do besides; called in the inference thread.

    Raises:
        MissingDependencyError: a configured format of the minutes needs a package that is not installed.
    """
    settings, loop, clock = services.settings, asyncio.get_running_loop(), services.clock
    before = partial(seconds_before, options.source, source, is_fast=options.is_fast)

    def tell(event: Notice | HotwordsChanged) -> None:
        if options.output is Output.TERMINAL:
            log_hotwords(event)
        loop.call_soon_threadsafe(meeting.notify, told_event(event, services.messages, options.title))

    meeting = Meeting(
        MeetingPlan(
            room=options.room,
            title=options.title,
            pack=models.label,
            source=source,
            new_detector=partial(WebrtcDetector, settings.segmenter.vad_mode),
            new_recognition=lambda: prepare(models.new_recognition(tell, is_thrifty=True)),
            open_journal=open_journal or partial(open_meeting, settings, options.data_dir),
            device=DEMO if options.source == DEMO else "",
            is_microphone=options.source == MICROPHONE,
            is_fast=options.is_fast,
            seconds_before=partial(clock.begin, before) if isinstance(clock, EarlierClock) else before,
            seconds_in_all=partial(seconds_in_all, source),
        ),
        services,
    )
    if "minutes" in options.sinks:
        sink = minutes_sink(settings, options.data_dir, services.storage, clock.monotonic)
        meeting.attach("minutes", sink)
    return meeting


def _broadcast(options: MeetingOptions, settings: Settings, storage: Worker) -> Broadcast | None:
    """MQTT, where it is configured. Imported only then: it costs a tenth of a second."""
    if not settings.mqtt.url or "mqtt" not in options.sinks:
        return None
    from streamer.broadcast import Broadcast  # noqa: PLC0415

    return Broadcast(options.room, settings, options.data_dir, storage)


def _metrics(
    models: SharedModels, settings: Settings, waiting: Callable[[], Mapping[str, int]], owned: ExitStack
) -> Metrics | None:
    """What counts, where it is configured, shown for as long as ``owned`` is. Imported only then, as MQTT."""
    if not settings.metrics.port:
        return None
    from streamer.metrics.metrics import Metrics  # noqa: PLC0415

    metrics = Metrics(models.npu_statistics, waiting)
    owned.enter_context(metrics.serve(settings))
    return metrics


def _waiting(storage: Worker, broadcasts: Mapping[str, Broadcast]) -> Mapping[str, int]:
    """How many captions of each room wait for a broker. Called in the threads that answer scrapes."""
    if not broadcasts:
        return {}
    from streamer.broadcast import count_waiting  # noqa: PLC0415 - imported already: there are some

    return count_waiting(storage, dict(broadcasts))  # rooms are still being put together
