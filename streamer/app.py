"""The composition root of live meetings: which concrete parts a meeting is made of, and how the process ends it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from streamer.archive import Archive, data_folder, minutes_sink, open_meeting
from streamer.clock import SystemClock
from streamer.errors import SettingsError
from streamer.interfaces import AudioSource, Journal, Sink
from streamer.pipeline import InferenceTurns, Meeting, MeetingPlan, MeetingReport, Services, Worker
from streamer.recognition import SharedModels
from streamer.settings import Settings
from streamer.sinks.keyboard import Keyboard
from streamer.sinks.messages import CHINESE, ENGLISH, Messages, messages_for
from streamer.sinks.standard_error import standard_error_into
from streamer.sinks.terminal import TerminalSink
from streamer.types import MeetingStarted, Notice
from streamer.vad.webrtc import WebrtcDetector

if TYPE_CHECKING:
    from streamer.broadcast import Broadcast

MICROPHONE = "mic"
DEMO = "demo"
STANDARD_INPUT = "-"
_STANDARD_OUTPUT = 1
_ABORT_SECONDS = 3.0
_TERMINAL_PATIENCE = 0.5
"""Seconds for the last line, after the drain time of all sinks: whoever does not read must not keep us."""
LOG_NAME = "streamer.log"
"""File in the data folder for what must not be written on the captions."""
_REDRAW = "\x0c"
"""Ctrl-L."""


class Output(StrEnum):
    """What is written to standard output."""

    TERMINAL = "terminal"
    """Captions for a person to read along."""
    PLAIN = "plain"
    """A line for every final."""
    JSON = "json"
    """A line of JSON for every event."""


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


def choose_messages(settings: Settings, environment: Mapping[str, str]) -> Messages:
    """The language of labels and warnings."""
    return {"zh": CHINESE, "en": ENGLISH}.get(settings.ui.language) or messages_for(environment)


async def run_meeting(options: MeetingOptions, settings: Settings) -> MeetingReport:
    """Hold one meeting until its source ends, a key or a signal ends it.

    Raises:
        StreamerError: the source, the pack or the store cannot be opened, or the models failed to load.
        asyncio.CancelledError: a second SIGINT (or SIGQUIT) aborted it; what was recorded is kept.
    """
    models = SharedModels(settings)
    archive = Archive(data_folder(settings, options.data_dir))
    messages = choose_messages(settings, os.environ)
    with ExitStack() as owned:
        inference = owned.enter_context(Worker("streamer-inference"))
        storage = owned.enter_context(Worker("streamer-storage"))
        # The models load while the device opens; a failure is told by whoever needs them first.
        inference.submit(models.load)
        owned.callback(inference.submit, models.close)
        broadcast = _broadcast(options, settings, storage)
        if broadcast is not None:
            owned.enter_context(broadcast)
        services = Services(InferenceTurns(inference), storage, SystemClock(), messages, settings)
        # The microphone speaks to the meeting, which is made with the microphone.
        meeting: Meeting
        source = _open_source(options, settings, lambda notice: meeting.notify(_translated(notice, messages)))
        meeting = make_meeting(
            options, source, models, services, broadcast.open_journal if broadcast is not None else None
        )
        if broadcast is not None:
            publisher = broadcast.sink(meeting, meeting.notify)
            meeting.attach("mqtt", publisher, publisher.run)
        sink = owned.enter_context(open_output(options.output, archive.data_dir / LOG_NAME, messages, settings))
        meeting.attach(options.output, sink)
        terminal = sink if isinstance(sink, TerminalSink) else None
        owned.enter_context(_controls(meeting, terminal))
        report = await meeting.run()
        if terminal is not None:
            folder = await storage.run(partial(_folder_of, archive, settings, report))
            terminal.say(messages.minutes_line.format(folder=folder))
        return report


def make_meeting(
    options: MeetingOptions,
    source: AudioSource,
    models: SharedModels,
    services: Services,
    open_journal: Callable[[MeetingStarted], Journal] | None = None,
) -> Meeting:
    """A meeting that is stored and whose minutes are written; other sinks are the caller's.

    Args:
        options: what it is about.
        source: what it listens to.
        models: shared by all meetings of this process.
        services: likewise.
        open_journal: where something is announced together with what is stored; called in the storage thread.

    Raises:
        MissingDependencyError: a configured format of the minutes needs a package that is not installed.
    """
    settings, loop = services.settings, asyncio.get_running_loop()
    meeting = Meeting(
        MeetingPlan(
            room=options.room,
            title=options.title,
            pack=models.label,
            source=source,
            new_detector=partial(WebrtcDetector, settings.segmenter.vad_mode),
            new_recognition=lambda: models.new_recognition(
                lambda notice: loop.call_soon_threadsafe(meeting.notify, notice)
            ),
            open_journal=open_journal or partial(open_meeting, settings, options.data_dir),
            device=DEMO if options.source == DEMO else "",
            is_microphone=options.source == MICROPHONE,
            is_fast=options.is_fast,
        ),
        services,
    )
    meeting.attach("minutes", minutes_sink(settings, options.data_dir, services.storage))
    return meeting


def _broadcast(options: MeetingOptions, settings: Settings, storage: Worker) -> Broadcast | None:
    """MQTT, where it is configured. Imported only then: it costs a tenth of a second."""
    if not settings.mqtt.url:
        return None
    from streamer.broadcast import Broadcast  # noqa: PLC0415

    return Broadcast(options.room, settings, options.data_dir, storage)


def _folder_of(archive: Archive, settings: Settings, report: MeetingReport) -> Path:
    """Where the minutes are. Called in the storage thread."""
    with contextlib.closing(archive.open_store(settings)) as store:
        return archive.folder(store.record(report.started.meeting_id))


def _open_source(options: MeetingOptions, settings: Settings, notify: Callable[[Notice], None]) -> AudioSource:
    """The source that the options name. Each is imported only where it is wanted: a microphone may be missing.

    Raises:
        SettingsError: ``--fast`` for something that has its own speed.
    """
    if options.is_fast and options.source in {MICROPHONE, STANDARD_INPUT}:
        raise SettingsError(f"--fast is for files and the demo; the source is {options.source!r}")
    clock = None if options.is_fast else SystemClock()
    if options.source == MICROPHONE:
        from streamer.audio.microphone import Microphone  # noqa: PLC0415

        return Microphone(settings.audio, notify=notify)
    if options.source == STANDARD_INPUT:
        from streamer.audio.stdin import PcmFormat, StdinSource  # noqa: PLC0415

        return StdinSource(PcmFormat(settings.audio.pcm_rate, settings.audio.pcm_channels, settings.audio.channel))
    from streamer.audio.file_source import FileSource  # noqa: PLC0415

    if options.source == DEMO:
        from streamer.audio.demo import DEMO_SOUND  # noqa: PLC0415

        return FileSource(DEMO_SOUND, clock=clock)
    return FileSource(Path(options.source), channel=settings.audio.channel, clock=clock)


@contextlib.contextmanager
def open_output(output: Output, log: Path, messages: Messages, settings: Settings) -> Iterator[Sink]:
    """What writes to standard output, in a thread of its own."""
    if output is Output.TERMINAL:
        sink = TerminalSink(
            _STANDARD_OUTPUT,
            messages,
            frames_per_second=settings.ui.frames_per_second,
            styled=not os.environ.get("NO_COLOR"),
        )
        with standard_error_into(log), sink:
            yield sink
        return
    from streamer.sinks.jsonlines import JsonLinesSink  # noqa: PLC0415
    from streamer.sinks.plain import PlainSink  # noqa: PLC0415
    from streamer.sinks.standard_output import StandardOutput  # noqa: PLC0415

    with Worker("streamer-terminal", patience=_TERMINAL_PATIENCE) as worker:
        write = StandardOutput(worker).write
        yield JsonLinesSink(write) if output is Output.JSON else PlainSink(write, messages)


@contextlib.contextmanager
def _controls(meeting: Meeting, terminal: TerminalSink | None) -> Iterator[None]:
    """Keys and signals of this process, for as long as the meeting runs."""
    keys: dict[str, Callable[[], None]] = {" ": meeting.toggle_pause, "m": meeting.mark, "q": meeting.stop}
    if terminal is not None:
        keys[_REDRAW] = terminal.redraw
    with ExitStack() as held:
        keyboard = held.enter_context(Keyboard(keys)) if terminal is not None else None

        def come_back() -> None:
            if keyboard is not None and terminal is not None:
                keyboard.hold()
                terminal.redraw()

        def leave_by_force() -> None:
            held.close()
            os._exit(128 + signal.SIGINT)

        held.enter_context(_signals(meeting, come_back, leave_by_force))
        yield


@contextlib.contextmanager
def _signals(meeting: Meeting, come_back: Callable[[], None], leave_by_force: Callable[[], None]) -> Iterator[None]:
    """Signals that end a meeting, and those after which the terminal must be drawn anew."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    interrupts = 0

    def abort() -> None:
        if task is not None:
            task.cancel()
        # A disk or a device that hangs must not keep somebody who asked twice.
        loop.call_later(_ABORT_SECONDS, leave_by_force)

    def interrupt() -> None:
        nonlocal interrupts
        interrupts += 1
        if interrupts == 1:
            meeting.stop()
        else:
            abort()

    handlers: dict[signal.Signals, Callable[[], None]] = {
        signal.SIGINT: interrupt,
        signal.SIGTERM: meeting.stop,
        signal.SIGHUP: meeting.stop,
        signal.SIGQUIT: abort,
        signal.SIGWINCH: come_back,
        signal.SIGCONT: come_back,
    }
    # What the parent had ignored stays ignored: nohup, and jobs in the background of a script.
    taken = [number for number in handlers if signal.getsignal(number) is not signal.SIG_IGN]
    for number in taken:
        loop.add_signal_handler(number, handlers[number])
    try:
        yield
    finally:
        for number in taken:
            loop.remove_signal_handler(number)


def _translated(notice: Notice, messages: Messages) -> Notice:
    """What the microphone says of itself, in the language of the meeting; the reason is in the log."""
    return replace(notice, text=messages.away) if notice.text else notice
