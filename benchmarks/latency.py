"""How soon captions appear, and how much they flicker: recordings through the whole live pipeline, in real time.

``python -m benchmarks.latency --data ../shared/data/dev`` plays the utterances of a table one after another, with
1.5 s between them, into the same meeting that ``streamer run`` holds: recording, store, minutes and terminal included.
Speech begins and ends by a rule of its own (:mod:`benchmarks.speech_span`). Sound counts from the moment at which its
sample would have left a microphone; what a sound card and its driver add (60 ms by default) comes on top.

``--simulated`` replays the same on a clock that jumps (:mod:`benchmarks.simulated`): minutes instead of an hour, the
same figures in every run, no disk and no terminal, decoding at an assumed speed. For comparing settings only.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.caption_timing import Spread, Timed, Timing, timing
from benchmarks.corpus import read_table
from benchmarks.live import hold
from benchmarks.options import parser_of, settings_of
from benchmarks.played import PlayedSource, Playlist
from benchmarks.simulated import simulate
from streamer.pipeline import MeetingReport
from streamer.recognition import SharedModels
from streamer.settings import Settings

TARGETS = {"first text": "p95 ≤ 0.60", "final": "p50 ≤ 0.60, p95 ≤ 0.80", "flicker": "≤ 0.25"}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    recordings = read_table(options.data / options.table)[: options.limit or None]
    playlist = Playlist((one.name, one.samples()) for one in recordings)
    settings = settings_of(options)
    source = PlayedSource(playlist, speed=options.speed)
    load = os.getloadavg()[0]
    events, report = _simulated(source, settings) if options.simulated else _in_real_time(source, settings)
    measured = timing(events, playlist.passages, source.time_of)
    if options.json:
        figures = {**asdict(measured), "seconds": playlist.seconds, "speed": options.speed, "pack": report.started.pack}
        figures["simulated"] = options.simulated
        print(json.dumps({**figures, "source_behind_s": source.behind, "load_before": load}, ensure_ascii=False))
        return
    _print(measured, report.started.pack, playlist.seconds)
    console = Console()
    if options.simulated:
        console.print("simulated on a virtual clock: for comparing settings, no latencies of a live meeting")
        return
    if options.speed != 1.0:
        console.print(f"played {options.speed:g} times as fast as real time: these are no latencies of a live meeting")
    console.print(f"the source was late by {source.behind * 1000:.0f} ms at worst; load average before: {load:.1f}")


def _in_real_time(source: PlayedSource, settings: Settings) -> tuple[list[Timed], MeetingReport]:
    with tempfile.TemporaryDirectory() as folder:
        return asyncio.run(hold(source, settings, Path(folder)))


def _simulated(source: PlayedSource, settings: Settings) -> tuple[list[Timed], MeetingReport]:
    models = SharedModels(settings)
    with contextlib.closing(models):
        return simulate(source, settings, models.new_recognition())


def _print(measured: Timing, pack: str, seconds: float) -> None:
    table = Table("seconds", "count", "p50", "p95", "max", "target", title=f"{pack}, {seconds:.0f} s of sound")
    rows: list[tuple[str, Spread, str]] = [
        ("speech start → first text", measured.first_text, TARGETS["first text"]),
        ("newest sample → its text", measured.display, ""),
        ("speech end → final", measured.final, TARGETS["final"]),
        ("character's end → it stays", measured.settled, ""),
    ]
    for name, spread, target in rows:
        figures = (f"{value:.3f}" for value in (spread.p50, spread.p95, spread.max))
        table.add_row(name, str(spread.count), *figures, target)
    console = Console()
    console.print(table)
    flicker = measured.flicker
    console.print(
        f"flicker: {flicker.per_character:.3f} changes per final character (target {TARGETS['flicker']}), "
        f"of stable text by the final: {flicker.stable_per_character:.4f} ({flicker.stable_changed} of "
        f"{flicker.final_characters} characters)"
    )
    console.print(f"passages without text: {measured.silent} of {measured.passages}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("latency", __doc__)
    parser.add_argument("--limit", type=int, default=0, help="play only the first N utterances")
    parser.add_argument("--speed", type=float, default=1.0, help="times as fast as real time; only 1 gives latencies")
    parser.add_argument("--simulated", action="store_true", help="replay on a virtual clock, to compare settings")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
