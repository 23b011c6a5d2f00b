"""A live meeting for measuring: the parts of ``streamer run``, a playlist as source, and a terminal that is read."""

from __future__ import annotations

import asyncio
import os
import pty
import termios
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.played import PlayedSource
from streamer.app import MeetingOptions, make_meeting
from streamer.clock import Clock, SystemClock
from streamer.interfaces import Sink
from streamer.outputs import Output
from streamer.pipeline import InferenceTurns, MeetingReport, Services, Worker
from streamer.recognition import SharedModels
from streamer.settings import Settings
from streamer.sinks.messages import CHINESE
from streamer.sinks.terminal import TerminalSink
from streamer.types import MeetingEvent


@dataclass(slots=True)
class Seen:
    """Events with the time at which they had been handed to the terminal; a :class:`~streamer.interfaces.Sink`."""

    terminal: Sink
    events: list[tuple[float, MeetingEvent]] = field(default_factory=list)
    """Time of the event loop, and the event."""

    async def handle(self, event: MeetingEvent) -> None:
        """Show an event, then note when that was."""
        await self.terminal.handle(event)
        self.events.append((asyncio.get_running_loop().time(), event))


async def load_services(
    settings: Settings, inference: Worker, storage: Worker, clock: Clock, owned: ExitStack
) -> tuple[SharedModels, Services]:
    """Models and what else the meetings of a process share; the models are loaded, and released with ``owned``."""
    models = SharedModels(settings)
    await inference.run(models.load)
    owned.callback(inference.submit, models.close)
    return models, Services(InferenceTurns(inference), storage, clock, CHINESE, settings)


async def hold(
    source: PlayedSource, settings: Settings, data_dir: Path
) -> tuple[list[tuple[float, MeetingEvent]], MeetingReport]:
    """Hold one meeting to its end: what was shown when, and how it went. The models are loaded before it begins."""
    with ExitStack() as owned:
        inference = owned.enter_context(Worker("streamer-inference"))
        storage = owned.enter_context(Worker("streamer-storage"))
        models, services = await load_services(settings, inference, storage, SystemClock(), owned)
        options = MeetingOptions("playlist", "benchmark", "benchmark", Output.TERMINAL, data_dir=data_dir)
        meeting = make_meeting(options, source, models, services)
        terminal = TerminalSink(
            owned.enter_context(read_terminal()), CHINESE, frames_per_second=settings.ui.frames_per_second
        )
        seen = Seen(owned.enter_context(terminal))
        meeting.attach("terminal", seen)
        report = await meeting.run()
    return seen.events, report


@contextmanager
def read_terminal() -> Iterator[int]:
    """A pseudo-terminal of 80 columns whose other end is read by a thread; its descriptor."""
    test, program = pty.openpty()
    termios.tcsetwinsize(program, (24, 80))

    def read() -> None:
        # Into one place: blocks of every size would stay with this thread, 0.3 MB that a soak takes for the program's.
        place = bytearray(65536)
        try:
            while os.readv(test, [place]):
                pass
        except OSError:
            pass

    reader = threading.Thread(target=read, name="benchmark-reader", daemon=True)
    reader.start()
    try:
        yield program
    finally:
        os.close(program)
        reader.join(2.0)
        os.close(test)
