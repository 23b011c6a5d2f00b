"""How soon a meeting records again once its microphone is back: after the sound server crashed, and after it hung.

``python -m benchmarks.reopening`` gives ``streamer run --source mic`` a PulseAudio of its own, whose monitor is the
default input. Again and again the server is killed and started anew (SIGKILL), or stopped and continued (SIGSTOP,
SIGCONT), and stays away for one to five seconds.

The rule: the device is back when the new server first answers a client that names the device as its default source, or
when SIGCONT is sent. The first recorded sample is the first one after the gap in the recording; when it sounded follows
from the next status line, which says how much was recorded by then. The sound server's own start is so left out, and
everything else is in: looking for the device, opening it, the sink's first sound. The aim is 2 s at most.
"""

from __future__ import annotations

import argparse
import itertools
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.caption_timing import spread
from tests.microphone import VirtualMicrophone

ROOT = Path(__file__).resolve().parents[1]
AIM = 2.0
"""Seconds."""
_AWAY_SECONDS = (1.0, 3.0, 5.0, 2.0, 4.0)
_STEADY_SECONDS = 1.5
"""Sound between a return and the next trouble."""


@dataclass(frozen=True, slots=True)
class Reopening:
    """One return of the device."""

    trouble: str
    """``killed`` or ``hung``."""
    away_s: float
    """How long the server was away."""
    resumed_s: float
    """From the device's return to the first recorded sample."""
    gap_s: float
    """What the recording says is missing."""


class Lines:
    """Events of a running program with the moment at which each came; read in a thread, so that none comes late."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._queue: SimpleQueue[tuple[float, dict[str, Any]] | None] = SimpleQueue()
        self._process = process
        threading.Thread(target=self._read, name="benchmark-lines", daemon=True).start()

    def until(self, wanted: Callable[[dict[str, Any]], bool]) -> tuple[float, dict[str, Any]]:
        """The next event that is wanted.

        Raises:
            SystemExit: the program ended before.
        """
        while (line := self._queue.get()) is not None:
            if wanted(line[1]):
                return line
        raise SystemExit(f"streamer run ended too early, with exit code {self._process.wait()}")

    def _read(self) -> None:
        for line in self._process.stdout or ():
            self._queue.put((time.monotonic(), json.loads(line)))
        self._queue.put(None)


def measure(times: int) -> list[Reopening]:
    """Both troubles, so many times each, in one meeting."""
    with tempfile.TemporaryDirectory() as name, VirtualMicrophone(Path(name)) as microphone:
        command = [sys.executable, "-m", "streamer", "run", "--source", "mic", "--json", "--data-dir", f"{name}/data"]
        with _running(command, os.environ | microphone.environment) as process:
            lines = Lines(process)
            away = itertools.cycle(_AWAY_SECONDS)
            troubles = itertools.islice(itertools.cycle(("killed", "hung")), 2 * times)
            return [_once(trouble, next(away), microphone, lines) for trouble in troubles]


def _once(trouble: str, away: float, microphone: VirtualMicrophone, lines: Lines) -> Reopening:
    _, steady = lines.until(_is_status)
    lines.until(lambda event: _is_status(event) and event["position_s"] >= steady["position_s"] + _STEADY_SECONDS)
    if trouble == "killed":
        microphone.kill()
    else:
        microphone.hang()
    lines.until(lambda event: event["event"] == "notice" and event["key"] == "microphone.lost" and bool(event["text"]))
    time.sleep(away)
    if trouble == "killed":
        microphone.start()
    else:
        microphone.go_on()
    _, gap = lines.until(lambda event: event["event"] == "gap_found")
    at, status = lines.until(lambda event: _is_status(event) and event["position_s"] > gap["position_s"])
    sounded = at - (status["position_s"] - gap["position_s"])
    return Reopening(trouble, away, sounded - microphone.back_at, gap["missing_s"])


def _is_status(event: dict[str, Any]) -> bool:
    return bool(event["event"] == "status_updated")


@contextmanager
def _running(command: list[str], environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        yield process
    finally:
        process.terminate()
        process.wait()


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.reopening", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--times", type=int, default=10, help="returns after each trouble (default: 10)")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    returns = measure(options.times)
    if options.json:
        print(json.dumps({"returns": [asdict(one) for one in returns], "load_before": load}))
        return
    table = Table(
        "the sound server was", "returns", "p50", "p95", "max", "aim", title="seconds until recording resumes"
    )
    for trouble in ("killed", "hung"):
        seconds = spread([one.resumed_s for one in returns if one.trouble == trouble])
        figures = (f"{value:.2f}" for value in (seconds.p50, seconds.p95, seconds.max))
        table.add_row(trouble, str(seconds.count), *figures, f"≤ {AIM:g}")
    console = Console(width=None if sys.stdout.isatty() else 120)
    console.print(table)
    console.print(f"load average before: {load:.1f}")


if __name__ == "__main__":
    main()
