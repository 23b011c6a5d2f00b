"""How well the recogniser hears: character and syllable error rates on recordings it has never seen, and its speed.

``python -m benchmarks.accuracy --data ../shared/data/dev`` decodes every utterance of the table as it lies (no VAD),
also played 1.3 and 1.6 times as fast at the same pitch. Intervals are 95 % bootstrap intervals over utterances.
What is compared is in :mod:`benchmarks.scoring`.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
from rich.console import Console
from rich.table import Table

if __package__ is None or not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.accuracy_rows import Row, Scored, rows, rtf, summary
from benchmarks.corpus import Recording, read_table
from benchmarks.options import parser_of
from benchmarks.scoring import kind_of
from benchmarks.tempo import at_tempo
from streamer.asr.modelpack import ModelPack, find_pack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.packwriter import write_tables
from streamer.asr.recognizer import PackRecognizer
from streamer.audio.files import SoundFile
from streamer.errors import SettingsError
from streamer.offline.transcriber import open_transcriber
from streamer.scoring import compare, spoken_characters
from streamer.settings import Settings
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from streamer.text.pinyin import spell, toneless
from streamer.types import MAX_UTTERANCE_SAMPLES, SAMPLE_RATE, EndReason, Hypothesis, Utterance

TUTORIAL_CLIP = "BAC009S0252W0302"
"""The reference tutorial's own test clip; reported on its own, and nothing is ever chosen by it."""
TEMPOS = (1.0, 1.3, 1.6)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    settings = _settings(options.set)
    pack = load_pack(find_pack(options.pack))
    if settings.decoding == "pack" and pack.manifest.search is not None and settings.search != SearchSettings():
        raise SettingsError("--set search.… has no effect on a pack with a search of its own; add --set decoding=beam")
    recordings = read_table(options.data / options.table)[: options.limit]
    clip = [each for each in read_table(options.data / "test.tsv") if each.name == TUTORIAL_CLIP]
    console = Console(stderr=True)
    with load_models(pack, settings) as models:
        decode = _decoder(models, settings)
        decode(np.zeros(SAMPLE_RATE, np.int16))
        scored: list[Scored] = []
        for tempo in options.tempo:
            with console.status(f"decoding {len(recordings)} recordings at tempo × {tempo:g}"):
                scored += [score(recording, tempo, decode) for recording in recordings]
        tutorial = {each.name: told_clip(each, score(each, 1.0, decode), pack, settings) for each in clip}
    report = {
        "pack": pack.label,
        "table": str(options.data / options.table),
        "settings": msgspec.to_builtins(settings),
        "rows": [asdict(row) for row in rows(scored)],
        "rtf": rtf([each for each in scored if each.tempo == 1.0]),
        "tutorial": tutorial,
    }
    if options.write:
        write_tables(pack.folder, {"accuracy": summary(scored, options.table)})
    if options.texts:
        report["texts"] = [asdict(each) for each in scored if each.tempo == 1.0]
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _show(report, rows(scored), Console(width=None if sys.stdout.isatty() else 140))


def score(recording: Recording, tempo: float, decode: Callable[[npt.NDArray[np.int16]], Hypothesis]) -> Scored:
    """Decode one recording at a tempo and compare."""
    samples = at_tempo(recording.samples(), tempo)[:MAX_UTTERANCE_SAMPLES]
    reference = spoken_characters(recording.text)
    before = time.process_time()
    hypothesis = decode(samples)
    spent = time.process_time() - before
    said = spell("".join(reference))
    heard = [token.syllable for token in hypothesis.tokens]
    return Scored(
        name=recording.name,
        kind=kind_of(recording.text),
        tempo=tempo,
        syllables_per_second=len(said) / voiced_seconds(samples),
        reference="".join(reference),
        recognised=hypothesis.text,
        characters=compare(reference, spoken_characters(hypothesis.text)),
        toned=compare(said, heard),
        toneless=compare([toneless(each) for each in said], [toneless(each) for each in heard]),
        audio_seconds=len(samples) / SAMPLE_RATE,
        cpu_seconds=spent,
    )


def told_clip(recording: Recording, scored: Scored, pack: ModelPack, settings: RecognizerSettings) -> dict[str, str]:
    """A clip's text, decoded as it lies and as ``streamer transcribe`` gives it, which hears only what its VAD cuts."""
    whole = Settings(recognizer=msgspec.structs.replace(settings, pack=str(pack.folder)))
    with open_transcriber(whole) as transcriber, SoundFile(recording.path) as sound:
        transcribed = "".join(segment.text for segment in transcriber.segments(sound.frames()))
    return {"reference": scored.reference, "recognised": scored.recognised, "transcribed": transcribed}


def voiced_seconds(samples: npt.NDArray[np.int16]) -> float:
    """Time between the first and the last 20 ms within 35 dB of the loud ones (95th percentile)."""
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320).astype(np.float64)
    levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-3)
    loud = np.flatnonzero(levels > np.quantile(levels, 0.95) - 35)
    return float(loud[-1] - loud[0] + 1) * 0.02


def _decoder(models: LoadedModels, settings: RecognizerSettings) -> Callable[[npt.NDArray[np.int16]], Hypothesis]:
    recognizer = PackRecognizer(models, settings)

    def decode(samples: npt.NDArray[np.int16]) -> Hypothesis:
        return recognizer.recognize(Utterance(1, 0, 0, len(samples), samples.tobytes(), EndReason.SILENCE))

    return decode


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("accuracy", __doc__, "zh", has_settings=False)
    parser.add_argument("--tempo", type=float, nargs="+", default=list(TEMPOS))
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="a key of [recognizer], such as decoding=beam, which search.beam=4 needs",
    )
    parser.add_argument("--texts", action="store_true", help="with --json: every reference and what was recognised")
    parser.add_argument("--write", action="store_true", help="put the figures into the pack's manifest and seal it")
    return parser.parse_args(arguments)


def _settings(pairs: Sequence[str]) -> RecognizerSettings:
    values: dict[str, Any] = {}
    for pair in pairs:
        key, _, value = pair.partition("=")
        table, _, name = key.rpartition(".")
        (values.setdefault(table, {}) if table else values)[name] = value
    try:
        return msgspec.convert(values, RecognizerSettings, strict=False)
    except msgspec.ValidationError as error:
        raise SettingsError(f"--set: {error}") from error


def _show(report: dict[str, Any], table_rows: Sequence[Row], console: Console) -> None:
    table = Table(title=f"{report['pack']} on {report['table']} (95 % intervals)")
    for name in ("group", "n", "character errors", "toned syllables", "toneless syllables", "ins", "del", "sub"):
        table.add_column(name, justify="left" if name == "group" else "right")
    for row in table_rows:
        rates = [
            f"{100 * each.value:.1f} ({100 * each.low:.1f}–{100 * each.high:.1f})"
            for each in (row.cer, row.toned, row.toneless)
        ]
        parts = [f"{100 * each:.1f}" for each in (row.insertions, row.deletions, row.substitutions)]
        table.add_row(row.group, str(row.utterances), *rates, *parts)
    console.print(table)
    console.print(f"RTF {report['rtf']:.4f} (processor time of one core, features to characters, tempo × 1)")
    for name, texts in report["tutorial"].items():
        console.print(f"{name}, said: {texts['reference']}")
        console.print(f"  decoded as it lies, as everything above: {texts['recognised']}")
        console.print(f"  streamer transcribe, whose VAD cuts it: {texts['transcribed']}")


if __name__ == "__main__":
    main()
