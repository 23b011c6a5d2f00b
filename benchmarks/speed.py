"""How much computation text takes: transcribing against the bare model calls, features against librosa, packs.

* ``transcribe``: recordings joined by pauses of 1.5 s, twelve minutes at a time, go through what ``streamer
  transcribe`` runs, on one core and, in two threads, on two. Every tensor given to a model is kept, and given to it
  again, in the same order and in as many threads, by nothing but ONNX Runtime: the ratio of CPU times is what the rest
  costs (reading, segmenting, features, search, stitching). Both take turns every few seconds, for the machine's speed
  changes while others use it too: times are those of a typical round, the median of each piece. Two threads take more
  CPU for the same calls than one, for they share the processor's cache and memory.
* ``features``: 10 s of sound to log-mel features, by ``streamer.asr.fbank`` and by librosa.
* ``packs``: every installed pack (and ``--pack`` folders) over single utterances: size, real-time factor, character
  error rate. Copies of a pack in another precision are compared this way.

``python -m benchmarks.speed --data ../shared/data/dev [transcribe features packs]``; default: all.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.bare import Spent, Transcribed, transcribe
from benchmarks.corpus import Recording, read_table
from streamer.asr.fbank import fbank
from streamer.asr.modelpack import find_pack, installed_packs, load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.errors import MissingDependencyError
from streamer.scoring import compare, spoken_characters, sum_errors
from streamer.settings.recognizer import RecognizerSettings
from streamer.types import MAX_UTTERANCE_SAMPLES, SAMPLE_RATE, EndReason, Utterance

PARTS = ("transcribe", "features", "packs")
TARGETS = {"ratio": 1.25, "rtf": 0.01}


def features(repeats: int = 30) -> dict[str, float]:
    """Milliseconds of CPU for 10 s of sound: ours, and librosa's where it is installed."""
    sound = np.random.default_rng(0).integers(-8000, 8000, MAX_UTTERANCE_SAMPLES).astype(np.int16)
    found = {"streamer": _quickest(lambda: fbank(sound), repeats)}
    try:
        import librosa  # noqa: PLC0415 - seconds and 180 MB
    except ImportError:
        return found
    scaled = sound.astype(np.float32) / 32768.0

    def theirs() -> Any:
        mel = librosa.feature.melspectrogram(y=scaled, sr=SAMPLE_RATE, n_fft=400, hop_length=160, n_mels=80)
        logarithm = np.log(mel.T + 1e-20)
        return (logarithm - logarithm.mean()) / logarithm.std()

    found["librosa"] = _quickest(theirs, repeats)
    return found


def _quickest(call: Callable[[], Any], repeats: int) -> float:
    call()
    taken = []
    for _ in range(repeats):
        began = time.process_time()
        call()
        taken.append(time.process_time() - began)
    return min(taken) * 1000


def pack_row(folder: Path, recordings: Sequence[Recording]) -> dict[str, Any]:
    """Size, real-time factor (CPU, one thread) and character error rate of a pack."""
    pack, settings = load_pack(folder), RecognizerSettings()
    size = sum((folder / name).stat().st_size for name in pack.manifest.files) / 1e6
    errors, spent, heard = [], 0.0, 0.0
    with load_models(pack, settings) as models:
        recognizer = PackRecognizer(models, settings)
        for number, one in enumerate((recordings[0], *recordings)):
            pcm = one.samples()[:MAX_UTTERANCE_SAMPLES].astype("<i2").tobytes()
            began = time.process_time()
            utterance = Utterance(number, 0, 0, len(pcm) // 2, pcm, EndReason.SILENCE)
            hypothesis = recognizer.recognize(utterance)
            if number:
                spent += time.process_time() - began
                heard += len(pcm) / 2 / SAMPLE_RATE
                errors.append(compare(spoken_characters(one.text), spoken_characters(hypothesis.text)))
    return {"pack": pack.label, "MB": size, "rtf": spent / heard, "cer": sum_errors(errors).rate}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    recordings = read_table(options.data / options.table)[: options.limit or None]
    if options.cores:
        # A process of its own for each number of cores: threads keep the cores on which they were started.
        print(json.dumps(asdict(transcribe(recordings, options.pack[0], options.cores, options.repeats))))
        return
    wanted = options.part or PARTS
    report: dict[str, Any] = {"load_before": os.getloadavg()[0]}
    if "transcribe" in wanted:
        report["transcribe"] = [_on_cores(options, cores) for cores in (1, 2) if cores <= (os.cpu_count() or 1)]
    if "features" in wanted:
        report["features_ms"] = features()
    if "packs" in wanted:
        folders = dict.fromkeys([*installed_packs().values(), *map(find_pack, options.pack)])
        report["packs"] = [row for folder in folders if (row := _row_or_none(folder, recordings)) is not None]
    if options.json:
        print(json.dumps(report, ensure_ascii=False))
        return
    _print(report)


def _row_or_none(folder: Path, recordings: Sequence[Recording]) -> dict[str, Any] | None:
    try:
        return pack_row(folder, recordings)
    except MissingDependencyError as error:
        print(f"{folder}: {error}", file=sys.stderr)
        return None


def _on_cores(options: argparse.Namespace, cores: int) -> dict[str, Any]:
    own = ["--data", str(options.data), "--table", options.table, "--limit", str(options.limit)]
    own += ["--pack", options.pack[0], "--repeats", str(options.repeats), "--cores", str(cores)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", "benchmarks.speed", *own]
    folder = Path(__file__).resolve().parents[1]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True, cwd=folder, env=environment, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def _print(report: Mapping[str, Any]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    if "transcribe" in report:
        runs = [
            Transcribed(**{**one, "rounds": [[Spent(**each) for each in pieces] for pieces in one["rounds"]]})
            for one in report["transcribe"]
        ]
        names = ("cores", "RTF", "CPU, ms a second", "bare model calls", "ratio", "from, to", "calls", "characters")
        title = f"transcribe, {runs[0].seconds:.0f} s of sound (targets: ratio ≤ 1.25, RTF ≤ 0.01 on one core)"
        table = Table(*names, title=title)
        for run in runs:
            typical, ratios = run.typical, run.ratios
            each = (typical.wall_s, 1000 * typical.cpu_s, 1000 * typical.bare_cpu_s)
            figures = [f"{value / run.seconds:.{digits}f}" for value, digits in zip(each, (4, 2, 2), strict=True)]
            figures += [f"{typical.ratio:.2f}", f"{ratios[0]:.2f}, {ratios[-1]:.2f}", str(run.calls)]
            table.add_row(str(run.cores), *figures, str(run.characters))
        console.print(table)
    if "features_ms" in report:
        table = Table("features of 10 s", "ms of CPU")
        for name, milliseconds in report["features_ms"].items():
            table.add_row(name, f"{milliseconds:.1f}")
        console.print(table)
    if "packs" in report:
        table = Table("pack", "MB", "RTF (CPU)", "character error rate, %")
        for row in report["packs"]:
            table.add_row(row["pack"], f"{row['MB']:.1f}", f"{row['rtf']:.4f}", f"{100 * row['cer']:.1f}")
        console.print(table)
    console.print(f"load average before: {report['load_before']:.1f}")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.speed", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("part", nargs="*", choices=(*PARTS, []), help="default: all")
    parser.add_argument("--data", type=Path, required=True, help="folder with the table and its sound files")
    parser.add_argument("--table", default="test.tsv", help="file, seconds, text (default: test.tsv)")
    parser.add_argument("--limit", type=int, default=100, help="only the first N utterances (default: 100; 0: all)")
    parser.add_argument("--pack", action="append", help="name or folder of a model pack; may come several times")
    parser.add_argument("--repeats", type=int, default=5, help="rounds (default: 5)")
    parser.add_argument("--cores", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true", help="print JSON instead of tables")
    options = parser.parse_args(arguments)
    options.pack = options.pack or [RecognizerSettings().pack]
    return options


if __name__ == "__main__":
    main()
