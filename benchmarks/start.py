"""How soon a meeting is listened to: from the command to the first sound captured, and the memory then.

``python -m benchmarks.start`` starts ``streamer run --json`` again and again, cold (its files thrown out of the page
cache before) and warm. The first status event says how much was recorded by then, so that the moment of the first
sample is known to a frame. It is speech: what is said while the models are being loaded is recorded and recognised
afterwards, and the first text shows how long that takes. The source is raw PCM through a pipe (``--source -``);
``--mic`` takes the microphone. Memory is the resident one of the program and of the process that reads the
microphone, at that moment and ``--seconds`` later; beside it what of that is not pages of files.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

import psutil
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.caption_timing import spread
from streamer.audio.demo import DEMO_SOUND
from streamer.audio.files import SoundFile

ROOT = Path(__file__).resolve().parents[1]
_SPEECH_FRAME = 52
"""Where speech begins in the demo, by the rule of :mod:`benchmarks.speech_span`."""


@dataclass(frozen=True, slots=True)
class Start:
    """One start."""

    is_cold: bool
    listening_s: float
    """From the command to the first sample recorded."""
    models_s: float
    """From the command to the models being loaded."""
    ready_s: float
    """From the first sample recorded to the models being loaded: no hypothesis is possible before."""
    text_s: float
    """From the first sample recorded, which is speech, to the first text."""
    rss_mb: float
    """Resident memory when listening begins."""
    later_rss_mb: float
    """Resident memory of the live meeting, ``--seconds`` after that."""
    later_private_mb: float
    """Of that memory what is not pages of files, as programs and libraries are."""
    cpu_s: float
    """CPU time until the models were loaded."""


def measure(options: argparse.Namespace, *, is_cold: bool) -> Start:
    """Start once."""
    if is_cold:
        forget_files()
    source = "mic" if options.mic else "-"
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "streamer", "run", "--source", source, "--json", "--data-dir", folder]
        if options.config is not None:
            command += ["--config", str(options.config)]
        began = time.monotonic()
        with _running(command) as process:
            pipe = process.stdin
            if pipe is not None:
                threading.Thread(target=_speak, args=(pipe,), name="benchmark-sound", daemon=True).start()
            return _watch(process, began, options.seconds, is_cold=is_cold)


def _watch(process: subprocess.Popen[bytes], began: float, seconds: float, *, is_cold: bool) -> Start:
    if process.stdout is None:
        raise RuntimeError("the program was started without a pipe")
    listening = models = cpu = rss = text = 0.0
    was_loading = False
    for line in process.stdout:
        now, event = time.monotonic() - began, json.loads(line)
        if event["event"] == "status_updated" and not rss:
            listening, rss = now - event["position_s"], _rss(process)
        if event["event"] == "notice" and event["key"] == "recognizer.loading":
            if was_loading and not event["text"]:
                models, cpu = now, _cpu(process)
            was_loading = True
        if event["event"] in {"segment_updated", "segment_finalized"} and event["text"] and not text:
            text = now
        if rss and models and text and now > listening + seconds:
            first = (models - listening, text - listening)
            return Start(is_cold, listening, models, *first, rss, _rss(process), _private(process), cpu)
    raise SystemExit(f"streamer run ended too early, with exit code {process.wait()}")


@contextmanager
def _running(command: list[str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def _speak(pipe: IO[bytes]) -> None:
    """Sound in real time, from before the program is there to take it: as a recorder at the other end of a pipe."""
    with SoundFile(DEMO_SOUND) as file:
        frames = [frame.pcm for frame in file.frames()][_SPEECH_FRAME:]
    began, sent = time.monotonic(), 0
    try:
        while True:
            pipe.write(frames[sent % len(frames)])
            pipe.flush()
            sent += 1
            time.sleep(max(0.0, began + sent * 0.02 - time.monotonic()))
    except (BrokenPipeError, ValueError):
        return


def _family(process: subprocess.Popen[bytes]) -> list[psutil.Process]:
    parent = psutil.Process(process.pid)
    return [parent, *parent.children(recursive=True)]


def _rss(process: subprocess.Popen[bytes]) -> float:
    return float(sum(one.memory_info().rss for one in _family(process))) / 1e6


def _private(process: subprocess.Popen[bytes]) -> float:
    memory = [one.memory_info() for one in _family(process)]
    return float(sum(one.rss - one.shared for one in memory)) / 1e6


def _cpu(process: subprocess.Popen[bytes]) -> float:
    return float(sum(sum(one.cpu_times()[:2]) for one in _family(process)))


def forget_files() -> None:
    """Throw the program's files out of the page cache: as after the computer was started."""
    folders = {ROOT / "streamer", *(Path(one) for one in sys.path if one and Path(one).is_dir())}
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in {".py", ".pyc", ".so", ".onnx", ".npz", ".txt", ".toml"} or ".so." in path.name:
                _forget(path)


def _forget(path: Path) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        return
    try:
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.start", description=__doc__)
    parser.add_argument("--times", type=int, default=5, help="starts of each kind (default: 5)")
    parser.add_argument("--seconds", type=float, default=10, help="until memory is looked at again (default: 10)")
    parser.add_argument("--mic", action="store_true", help="listen to the microphone instead of a pipe")
    parser.add_argument("--config", type=Path, help="settings; see config/default.toml")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    options = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    starts = [measure(options, is_cold=True) for _ in range(options.times)]
    # The first warm start of all would still be half cold.
    measure(options, is_cold=False)
    starts += [measure(options, is_cold=False) for _ in range(options.times)]
    if options.json:
        print(json.dumps({"starts": [asdict(start) for start in starts], "load_before": load}))
        return
    names = (
        *("", "listening, s (median, max)", "models loaded, s", "first sample to models, s", "first sample to text, s"),
        *("CPU until then, s", "MB then", "MB later", "of it private"),
    )
    table = Table(*names, title="from the command to the first sound captured")
    for label, is_cold in (("cold", True), ("warm", False)):
        own = [start for start in starts if start.is_cold is is_cold]
        listening = spread([start.listening_s for start in own])
        own_first = (
            [start.models_s for start in own],
            [start.ready_s for start in own],
            [start.text_s for start in own],
        )
        rest = (*own_first, [start.cpu_s for start in own])
        memory = (
            [start.rss_mb for start in own],
            [start.later_rss_mb for start in own],
            [start.later_private_mb for start in own],
        )
        middles = [f"{spread(values).p50:.2f}" for values in rest] + [f"{spread(values).p50:.0f}" for values in memory]
        table.add_row(label, f"{listening.p50:.2f}, {listening.max:.2f}", *middles)
    console = Console(width=None if sys.stdout.isatty() else 140)
    console.print(table)
    console.print(f"load average before: {load:.1f}")


if __name__ == "__main__":
    main()
