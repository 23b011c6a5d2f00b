"""Whether it still runs at the end of the day: memory, files, threads, tasks, delays and disk over eight hours.

``python -m benchmarks.soak --data ../shared/data/dev --plot soak.png`` holds one meeting of eight hours, with the whole
pipeline, its recording, store and minutes, and a terminal. Each hour has 24 minutes of talk, silence, a fan, ten
minutes in which the meeting is paused, and two interruptions of the microphone. The clock skips the time in which
nothing happens (:mod:`benchmarks.skipping`), so that the day takes some minutes and delays are real all the same.
With ``--real-minutes 20`` the same day, scaled down, is held in real time. Where mosquitto is installed the captions
are published too, and the broker stops for two minutes of every hour. Nothing grows when the slope's 95 % interval
after the first half hour includes zero.

Memory is looked at six times a minute, for an utterance needs some megabytes until its final has gone out: a minute
counts with its mean, and memory at rest with the lowest of each ten minutes, which is what the program keeps. Its
interval is half as wide, and a growth of peaks alone shows in the others. How alike neighbours are widens both
(:mod:`benchmarks.trend`).

Minutes follow the replayed clock; sound is made durable by the computer's, as skipped hours would only add syncs. What
the program keeps for as long as a meeting lasts is 0.2 kB for each minute of the recording and for each gap and pause.
Memory moves by some megabytes all the same: an utterance needs as much until its final has gone out. At rest it rises
by 0.1 MB an hour, which is not flat. What is behind that, as far as it was found, has bounds: each thread keeps up to
0.3 MB of free small blocks (glibc's ``tcache``), the screen 300 passages, and Python room for the most small objects
that there were at once.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from statistics import fmean

import msgspec
import psutil
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.broker import SoakBroker
from benchmarks.corpus import read_table
from benchmarks.day import DaySource
from benchmarks.delays import Delays
from benchmarks.live import load_services, read_terminal
from benchmarks.measured_day import FIGURES, Day, curves, slopes, told_so_far
from benchmarks.options import parser_of, settings_of
from benchmarks.plots import draw
from benchmarks.skipping import Busy, CountedWorker, LoopClock, run_skipping
from benchmarks.trend import Slope
from streamer.app import MeetingOptions, make_meeting
from streamer.broadcast import Broadcast
from streamer.outputs import Output
from streamer.pipeline import Meeting
from streamer.settings import Settings
from streamer.sinks.messages import CHINESE
from streamer.sinks.terminal import TerminalSink
from streamer.types import SAMPLE_RATE

_LOOKS = 6
"""How often memory is looked at for one sample."""
_TOLD = 30
"""Samples, half an hour of most days, after which a line is said of the day so far: it may be interrupted."""


async def hold(source: DaySource, settings: Settings, folder: Path, busies: list[Busy], step: float) -> Day:
    """Hold the day's meeting; ``step``: seconds between two samples."""
    day, broker = Day(), SoakBroker(folder / "broker")
    with ExitStack() as owned:
        inference = owned.enter_context(CountedWorker("streamer-inference", busies[0]))
        storage = owned.enter_context(CountedWorker("streamer-storage", busies[1]))
        if broker.is_installed:
            await broker.start()
            owned.callback(broker.kill)
            url = msgspec.structs.replace(settings.mqtt, url=broker.url, drain_s=60.0)
            settings = msgspec.structs.replace(settings, mqtt=url)
        models, services = await load_services(settings, inference, storage, LoopClock(), owned)
        options = MeetingOptions("day", "soak", "soak", Output.TERMINAL, data_dir=folder / "data")
        broadcast = Broadcast(options.room, settings, options.data_dir, storage) if broker.is_installed else None
        if broadcast is not None:
            owned.enter_context(broadcast)
        open_journal = None if broadcast is None else broadcast.open_journal
        meeting = make_meeting(options, source, models, services, open_journal)
        if broadcast is not None:
            publisher = broadcast.sink(meeting, meeting.notify)
            meeting.attach("mqtt", publisher, publisher.run)
        frames = settings.ui.frames_per_second
        terminal = TerminalSink(owned.enter_context(read_terminal()), CHINESE, frames_per_second=frames)
        meeting.attach("terminal", owned.enter_context(terminal))
        delays = Delays(lambda: meeting.sounded, settings.segmenter.pause_ms * SAMPLE_RATE // 1000)
        meeting.attach("delays", delays)
        began, cpu = time.monotonic(), time.process_time()
        async with asyncio.TaskGroup() as group:
            others = [
                group.create_task(_sample(day, delays, folder, step), name="benchmark.sample"),
                group.create_task(_pause_when_asked(source, meeting), name="benchmark.pause"),
                group.create_task(broker.stop_now_and_then(day), name="benchmark.broker"),
            ]
            report = await meeting.run()
            for task in others:
                task.cancel()
        day.wall_s, day.cpu_s = time.monotonic() - began, time.process_time() - cpu
        if broadcast is not None:
            day.unpublished = await storage.run(broadcast.waiting)
    day.finals, day.gaps, day.lost = delays.count, source.gaps, report.lost_utterances
    return day


async def _sample(day: Day, delays: Delays, folder: Path, step: float) -> None:
    process, loop = psutil.Process(), asyncio.get_running_loop()
    began = loop.time()
    while True:
        looks = []
        for _ in range(_LOOKS):
            await asyncio.sleep(step / _LOOKS)
            looks.append(process.memory_info())
        private = [look.rss - look.shared for look in looks]
        final, lag = delays.take()
        day.hours.append((loop.time() - began) / 3600)
        day.rss_mb.append(fmean(look.rss for look in looks) / 1e6)
        day.private_mb.append(fmean(private) / 1e6)
        day.rest_mb.append(min(private) / 1e6)
        day.files.append(process.num_fds())
        day.threads.append(process.num_threads())
        day.tasks.append(len(asyncio.all_tasks()))
        day.final_s.append(final if final is not None else _last(day.final_s))
        day.lag_s.append(lag if lag is not None else _last(day.lag_s))
        sound, rest = _sizes(folder / "data")
        day.store_mb.append(rest / 1e6)
        day.sound_mb.append(sound / 1e6)
        if len(day.hours) % _TOLD == 0:
            print(told_so_far(day), file=sys.stderr, flush=True)


async def _pause_when_asked(source: DaySource, meeting: Meeting) -> None:
    """Press the space bar at the beginning and end of each stretch in which the meeting is paused."""
    while True:
        await asyncio.sleep(1.0)
        if source.now == "paused":
            meeting.pause()
        else:
            meeting.resume()


def _sizes(folder: Path) -> tuple[int, int]:
    """Bytes of the sound, and of everything else. Entry by entry: a list of all paths would grow with the day."""
    sound = rest = 0
    with os.scandir(folder) as entries:
        for entry in entries:
            try:
                if entry.is_dir():
                    inner = _sizes(Path(entry.path))
                    sound, rest = sound + inner[0], rest + inner[1]
                elif folder.name == "audio":
                    sound += entry.stat().st_size
                else:
                    rest += entry.stat().st_size
            except FileNotFoundError:
                continue
    return sound, rest


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    recordings = [one.samples() for one in read_table(options.data / options.table)]
    settings = settings_of(options)
    hours = options.real_minutes / 60 if options.real_minutes else options.hours
    load = os.getloadavg()[0]
    with tempfile.TemporaryDirectory(dir=options.disk) as scratch:
        busies = [Busy(), Busy()]
        step = max(1.0, min(60.0, hours * 3600 / 120))

        async def run() -> Day:
            return await hold(DaySource(recordings, hours), settings, Path(scratch), busies, step)

        day = asyncio.run(run()) if options.real_minutes else run_skipping(run, busies)
    found = slopes(day)
    if options.plot is not None:
        draw(curves(day), options.plot)
    if options.json:
        report = {"day": asdict(day), "slopes": {name: asdict(one) for name, one in found.items()}}
        print(json.dumps({**report, "hours": hours, "load_before": load}, default=list))
        return
    _print(day, found, hours)
    Console().print(f"load average before: {load:.1f}")


def _print(day: Day, found: dict[str, Slope], hours: float) -> None:
    title = f"{hours:.1f} hours in {day.wall_s / 60:.1f} minutes ({day.cpu_s:.0f} s of CPU)"
    table = Table("", "first", "largest", "last", "an hour, after the beginning", "95 %", "flat", title=title)
    for name, label in FIGURES.items():
        values, line = getattr(day, name), found[name]
        shown = [f"{value:.2f}" if name.endswith("_s") else f"{value:.0f}" for value in _ends(values)]
        interval = f"{line.low:+.3f} … {line.high:+.3f}"
        table.add_row(label, *shown, f"{line.per_hour:+.3f}", interval, "yes" if line.is_flat else "no")
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(
        f"{day.finals} finals, {day.gaps} interruptions, {day.lost} passages given up; store and minutes "
        f"{_last(day.store_mb):.1f} MB, sound {_last(day.sound_mb):.0f} MB"
    )
    if day.broker_stops or shutil.which("mosquitto"):
        console.print(f"the broker stopped {day.broker_stops} times; {day.unpublished} finals unpublished at the end")


def _ends(values: Sequence[float]) -> tuple[float, float, float]:
    return (values[0], max(values), values[-1]) if values else (0.0, 0.0, 0.0)


def _last(values: Sequence[float]) -> float:
    return values[-1] if values else 0.0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("soak", __doc__)
    parser.add_argument("--hours", type=float, default=8.0, help="length of the day (default: 8)")
    parser.add_argument("--real-minutes", type=float, default=0.0, help="hold so many minutes in real time instead")
    parser.add_argument("--plot", type=Path, help="PNG file for the curves")
    parser.add_argument("--disk", type=Path, help="folder on the disk to use")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
