"""How many rooms one machine serves: the largest number whose finals come in time, with nothing lost.

``python -m benchmarks.rooms --data ../shared/data/dev`` plays recordings in real time into 4, 8, 12 … rooms of one
process, each with its own utterances, recording, store and minutes, all shown on one terminal. A number holds when the
95th percentile of speech end → final stays under 1.5 s and each room's finals are those of ``streamer transcribe``.
Numbers between the last that held and the first that did not are tried after that. Each takes ``--seconds`` and the
time to check its finals.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.caption_timing import Spread, delays, spread
from benchmarks.corpus import Recording, read_table
from benchmarks.live import Seen, load_services, read_terminal
from benchmarks.options import parser_of, settings_of
from benchmarks.played import PlayedSource, Playlist
from benchmarks.plots import Curve, draw
from streamer.app import MeetingOptions, make_meeting
from streamer.clock import SystemClock
from streamer.offline.transcriber import open_transcriber
from streamer.outputs import Output
from streamer.pipeline import Worker
from streamer.rooms import hold_rooms
from streamer.settings import Settings
from streamer.sinks.messages import CHINESE
from streamer.sinks.rooms_view import RoomsView
from streamer.sinks.terminal import RoomTerminalSink, TerminalScreen
from streamer.types import FRAME_SAMPLES, Frame, SegmentFinalized, StatusUpdated

BOUND = 1.5
"""Seconds from speech end to final, 95th percentile."""


@dataclass(frozen=True, slots=True)
class Step:
    """One number of rooms."""

    rooms: int
    final: Spread
    """Speech end to final."""
    first_text: Spread
    shed: int
    """Partials left out."""
    lost: int
    """Finals that differ from those of ``streamer transcribe``, meetings that failed, passages given up."""
    cores: float
    """CPU seconds of the process a second."""
    source_behind_s: float
    """By which the latest frame came out late: the measurement's own weakness."""

    @property
    def holds(self) -> bool:
        """Whether so many rooms are served well."""
        return self.final.p95 < BOUND and not self.lost


def playlist_of(recordings: Sequence[Recording], room: int, seconds: float) -> Playlist:
    """A room's own utterances, at least so many seconds of them with pauses."""
    chosen: list[Recording] = []
    length = 0.0
    for place in range(len(recordings)):
        one = recordings[(room * 17 + place) % len(recordings)]
        chosen.append(one)
        length += len(one.samples()) / 16_000 + 1.5
        if length >= seconds:
            break
    return Playlist((one.name, one.samples()) for one in chosen)


def expected_finals(playlists: Sequence[Playlist], settings: Settings) -> list[list[str]]:
    """What ``streamer transcribe`` makes of each."""
    with open_transcriber(settings) as transcriber:
        return [[one.spoken for one in transcriber.segments(_frames(playlist))] for playlist in playlists]


def _frames(playlist: Playlist) -> list[Frame]:
    pcm = playlist.samples.astype("<i2").tobytes()
    whole = len(playlist.samples) // FRAME_SAMPLES * FRAME_SAMPLES
    return [Frame(pcm[2 * at : 2 * (at + FRAME_SAMPLES)], at) for at in range(0, whole, FRAME_SAMPLES)]


async def measure(playlists: Sequence[Playlist], expected: Sequence[list[str]], settings: Settings) -> Step:
    """Hold one meeting for each playlist, all at once."""
    with ExitStack() as owned:
        folder = Path(owned.enter_context(tempfile.TemporaryDirectory()))
        inference = owned.enter_context(Worker("streamer-inference"))
        storage = owned.enter_context(Worker("streamer-storage"))
        models, services = await load_services(settings, inference, storage, SystemClock(), owned)
        names = [f"room-{number:02}" for number in range(len(playlists))]
        view = RoomsView(names, CHINESE)
        descriptor = owned.enter_context(read_terminal())
        frames = settings.ui.frames_per_second
        screen = owned.enter_context(TerminalScreen(descriptor, CHINESE, view, frames_per_second=frames))
        sources, seen, meetings = [PlayedSource(playlist) for playlist in playlists], [], {}
        for name, source in zip(names, sources, strict=True):
            options = MeetingOptions("playlist", name, name, Output.TERMINAL, data_dir=folder)
            meeting = make_meeting(options, source, models, services)
            shown = Seen(RoomTerminalSink(screen, view, name))
            meeting.attach("terminal", shown)
            seen.append(shown)
            meetings[name] = (meeting, shown)
        cpu, began = time.process_time(), time.monotonic()
        outcomes = await hold_rooms(meetings)
        cores = (time.process_time() - cpu) / (time.monotonic() - began)
    measured = [
        delays(one.events, playlist.passages, source.time_of)
        for one, playlist, source in zip(seen, playlists, sources, strict=True)
    ]
    lost = 0
    for one, wanted, outcome in zip(seen, expected, outcomes, strict=True):
        said = [event.segment.spoken for _, event in one.events if isinstance(event, SegmentFinalized)]
        lost += _differences([text for text in said if text], wanted)
        lost += 1 if outcome.report is None else outcome.report.lost_utterances
    statuses = [[event for _, event in one.events if isinstance(event, StatusUpdated)] for one in seen]
    return Step(
        rooms=len(playlists),
        final=spread([value for one in measured for value in one.final.values()]),
        first_text=spread([value for one in measured for value in one.first_text.values()]),
        shed=sum(max((event.partials_shed for event in events), default=0) for events in statuses),
        lost=lost,
        cores=cores,
        source_behind_s=max(source.behind for source in sources),
    )


def _differences(found: list[str], wanted: list[str]) -> int:
    return abs(len(found) - len(wanted)) + sum(one != other for one, other in zip(found, wanted, strict=False))


def explore(recordings: Sequence[Recording], settings: Settings, options: argparse.Namespace) -> list[Step]:
    """Try more and more rooms, then the numbers between the last that held and the first that did not."""
    steps: list[Step] = []
    console = Console(stderr=True)

    def holds(rooms: int) -> bool:
        playlists = [playlist_of(recordings, room, options.seconds) for room in range(rooms)]
        with console.status(f"{rooms} rooms"):
            expected = expected_finals(playlists, settings)
            steps.append(asyncio.run(measure(playlists, expected, settings)))
        return steps[-1].holds

    good, bad = 0, 0
    while not bad and good + options.step <= options.most:
        if holds(good + options.step):
            good += options.step
        else:
            bad = good + options.step
    while bad - good > 1 and options.fine:
        middle = (good + bad) // 2
        good, bad = (middle, bad) if holds(middle) else (good, middle)
    return sorted(steps, key=lambda step: step.rooms)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    recordings = read_table(options.data / options.table)
    settings = settings_of(options)
    load = os.getloadavg()[0]
    steps = explore(recordings, settings, options)
    largest = max((step.rooms for step in steps if step.holds), default=0)
    if options.plot is not None:
        _plot(steps, options.plot)
    if options.json:
        figures = [{**asdict(step), "holds": step.holds} for step in steps]
        print(json.dumps({"largest": largest, "steps": figures, "load_before": load}))
        return
    title = f"rooms with p95 of speech end → final < {BOUND} s and nothing lost: {largest}"
    names = ("rooms", "final p50", "p95", "max", "first text p95", "partials shed", "lost", "cores", "source behind")
    table = Table(*names, title=title)
    for step in steps:
        seconds = (step.final.p50, step.final.p95, step.final.max, step.first_text.p95)
        rest = (str(step.shed), str(step.lost), f"{step.cores:.2f}", f"{step.source_behind_s:.2f}")
        table.add_row(str(step.rooms), *(f"{value:.2f}" for value in seconds), *rest)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(f"load average before: {load:.1f}")


def _plot(steps: Sequence[Step], path: Path) -> None:
    rooms = [float(step.rooms) for step in steps]
    delays = {
        "p50": (rooms, [step.final.p50 for step in steps]),
        "p95": (rooms, [step.final.p95 for step in steps]),
        "max": (rooms, [step.final.max for step in steps]),
    }
    curves = [
        Curve("speech end → final", "rooms", "seconds", delays, BOUND),
        Curve("CPU", "rooms", "cores", {"cores": (rooms, [step.cores for step in steps])}, float(os.cpu_count() or 1)),
    ]
    draw(curves, path)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("rooms", __doc__)
    parser.add_argument("--seconds", type=float, default=45, help="of sound in each room and step (default: 45)")
    parser.add_argument("--step", type=int, default=4, help="rooms more in each step (default: 4)")
    parser.add_argument("--most", type=int, default=40, help="rooms at most (default: 40)")
    parser.add_argument("--fine", action=argparse.BooleanOptionalAction, default=True, help="try the numbers between")
    parser.add_argument("--plot", type=Path, help="PNG file for the curve")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
