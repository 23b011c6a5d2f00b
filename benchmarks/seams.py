"""Whether syllables are lost or doubled where long speech is cut.

``python -m benchmarks.seams --data ../shared/data/dev`` trims the silences of the recordings, joins them into minutes
of unbroken speech, and hears them as a live meeting would: cut by force where nobody pauses. Two other readings of the
same sound tell what the recogniser makes of it without that cut: one cut at the true borders of the recordings, and one
of the ten seconds around the seam, uncut. A reference syllable near a seam is *lost* where both of them have one for it
and the live cut has none; a syllable is *doubled* where the live cut has one more than either. No recogniser reads the
same sound twice alike, so the same is counted at places without a seam, and for the uncut reading at the same seams
(:mod:`benchmarks.seam_counts`).

The character errors that the live reading has more than the one at true borders are split by where they lie and by what
made them (:mod:`benchmarks.seam_errors`), with a 95 % bootstrap interval over recordings. More ``--rounds`` join the
same recordings in other orders: that narrows what chance makes of the joints, not of the recordings.
"""

from __future__ import annotations

import argparse
import json
import sys
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.along import read_along
from benchmarks.corpus import read_table
from benchmarks.joined import JoinedSpeech, join
from benchmarks.listening import Heard, listen
from benchmarks.options import parser_of
from benchmarks.scoring import error_rate
from benchmarks.seam_counts import Seams, more_than, place
from benchmarks.seam_errors import ErrorSplit, Reference
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.recognizer import PackRecognizer
from streamer.interfaces import Recognizer
from streamer.scoring import Errors, compare, spoken_characters
from streamer.settings import Settings, load_settings
from streamer.text.pinyin import spell
from streamer.types import MAX_UTTERANCE_SAMPLES, SAMPLE_RATE, EndReason, Token, Utterance
from streamer.vad.gate import GatedRecognizer

_SPLICED = 3 * SAMPLE_RATE
"""Samples on each side of a seam that are read anew."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    settings = load_settings(options.config)
    recordings = read_table(options.data / options.table)[: options.limit]
    found = [Seams("without a quiet point (overlap)"), Seams("at a quiet point"), Seams("no seam (chance)")]
    live: list[Errors] = []
    bordered: list[Errors] = []
    split = ErrorSplit()
    with load_models(load_pack(find_pack(options.pack)), settings.recognizer) as models:
        recognizer = GatedRecognizer(PackRecognizer(models, settings.recognizer), settings.gate)
        for number in range(options.rounds):
            order = np.random.default_rng(number).permutation(len(recordings)) if number else range(len(recordings))
            rows = join([recordings[int(at)] for at in order], options.minutes * 60)
            for row in track(rows, f"round {number + 1}", console=Console(stderr=True), disable=options.json):
                heard = listen(row.samples.tobytes(), recognizer, settings)
                bordered_tokens = at_true_borders(row, recognizer)
                said = reference(row, bordered_tokens)
                count_seams(said.syllables, row, heard, bordered_tokens, recognizer, found)
                split.add(said, heard.tokens, bordered_tokens, _forced_at(heard), row.borders[1:-1])
                live.append(compare(said.characters, spoken_characters(heard.text)))
                written = spoken_characters("".join(token.text for token in bordered_tokens))
                bordered.append(compare(said.characters, written))
    report = _report(options, settings, found, live, bordered) | _split_report(split)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _show(report, Console(width=None if sys.stdout.isatty() else 120))


def at_true_borders(row: JoinedSpeech, recognizer: Recognizer) -> list[Token]:
    """Tokens of the same sound with each recording decoded for itself."""
    tokens: list[Token] = []
    for number, (start, end) in enumerate(zip(row.borders, row.borders[1:], strict=False), start=1):
        last = min(end, start + MAX_UTTERANCE_SAMPLES)
        utterance = Utterance(number, 0, start, last, row.samples[start:last].tobytes(), EndReason.SILENCE)
        tokens += recognizer.recognize(utterance).tokens
    return tokens


def reference(row: JoinedSpeech, bordered: Sequence[Token]) -> Reference:
    """What was said in a row, and when, by its tokens at true borders."""
    parts = [(character, part.name) for part in row.parts for character in spoken_characters(part.text)]
    said = "".join(character for character, _ in parts)
    syllables = tuple(spell(said))
    return Reference(tuple(said), syllables, read_along(syllables, bordered).times, tuple(name for _, name in parts))


def count_seams(
    said: Sequence[str],
    row: JoinedSpeech,
    heard: Heard,
    bordered: Sequence[Token],
    recognizer: Recognizer,
    found: Sequence[Seams],
) -> None:
    """Add one row's seams to what was found: with overlap, at a quiet point, and none."""
    live, true = read_along(said, heard.tokens), read_along(said, bordered)
    forced = [one for one in heard.utterances if one.end_reason is EndReason.FORCED]
    overlapped = [one.end_sample - one.overlap_after_samples // 2 for one in forced if one.overlap_after_samples]
    quiet = [one.end_sample for one in forced if not one.overlap_after_samples]
    middles = [(one.start_sample + one.end_sample) // 2 for one in heard.utterances]
    plain = [at for at in middles if all(abs(at - seam) > 2 * SAMPLE_RATE for seam in (*overlapped, *quiet))]
    for seams, samples in zip(found, (overlapped, quiet, plain), strict=True):
        for sample in samples:
            uncut = read_along(said, _spliced(bordered, around(row, sample, recognizer), sample))
            name = row.parts[bisect_right(row.borders, sample, hi=len(row.parts)) - 1].name
            seams.places.append(place(name, live, true, uncut, sample))


def _forced_at(heard: Heard) -> list[int]:
    """Where speech was cut by force; the middle of what both sides hold."""
    return [
        one.end_sample - one.overlap_after_samples // 2
        for one in heard.utterances
        if one.end_reason is EndReason.FORCED
    ]


def around(row: JoinedSpeech, sample: int, recognizer: Recognizer) -> tuple[Token, ...]:
    """Tokens of the ten seconds around a place, decoded as one utterance."""
    start = max(0, min(sample - MAX_UTTERANCE_SAMPLES // 2, len(row.samples) - MAX_UTTERANCE_SAMPLES))
    end = min(len(row.samples), start + MAX_UTTERANCE_SAMPLES)
    sound = row.samples[start:end].tobytes()
    # Cut out of speech that goes on: the search is to know, as it does of what it hears live.
    return recognizer.recognize(Utterance(1, 0, start, end, sound, EndReason.FORCED)).tokens


def _spliced(tokens: Sequence[Token], window: Sequence[Token], sample: int) -> list[Token]:
    """Tokens of a whole row, with those of a window in place of what lies within three seconds of its middle."""
    before = [token for token in tokens if token.end_sample <= sample - _SPLICED]
    after = [token for token in tokens if token.start_sample >= sample + _SPLICED]
    first = before[-1].end_sample if before else 0
    last = after[0].start_sample if after else tokens[-1].end_sample if tokens else 0
    inside = [token for token in window if first <= (token.start_sample + token.end_sample) // 2 < last]
    return [*before, *inside, *after]


def _report(
    options: argparse.Namespace, settings: Settings, found: Sequence[Seams], live: list[Errors], bordered: list[Errors]
) -> dict[str, Any]:
    return {
        "table": str(options.data / options.table),
        "pack": settings.recognizer.pack if options.pack == "zh" else str(options.pack),
        "syllables": sum(each.reference for each in live),
        "seams": [_counted(each) for each in found],
        "more_per_50": asdict(more_than([*found[0].places, *found[1].places], found[2].places)),
        "cer_live": asdict(error_rate(live)),
        "cer_true_borders": asdict(error_rate(bordered)),
        "cer_points": 100 * (error_rate(live).value - error_rate(bordered).value),
    }


def _counted(seams: Seams) -> dict[str, Any]:
    return {
        "kind": seams.kind,
        "count": len(seams.places),
        "lost": seams.lost,
        "doubled": seams.doubled,
        "shifted": seams.shifted,
        "wrong_per_50": seams.wrong_per_50,
        "uncut_per_50": seams.uncut_per_50,
    }


def _split_report(split: ErrorSplit) -> dict[str, Any]:
    return {"split": split.rows(), "cer_difference": asdict(split.difference())}


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = parser_of("seams", __doc__, "zh")
    parser.add_argument("--minutes", type=float, default=2.0, help="least length of a row of unbroken speech")
    parser.add_argument("--rounds", type=int, default=1, help="how often the recordings are joined, each in new order")
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    return parser.parse_args(arguments)


def _show(report: dict[str, Any], console: Console) -> None:
    table = Table(title=f"seams, {report['table']}, pack {report['pack']}")
    for name in ("cut", "seams", "lost", "doubled", "shifted", "wrong per 50", "uncut reading, per 50"):
        table.add_column(name, justify="left" if name == "cut" else "right")
    for seams in report["seams"]:
        counts = [str(seams[name]) for name in ("count", "lost", "doubled", "shifted")]
        table.add_row(seams["kind"], *counts, f"{seams['wrong_per_50']:.2f}", f"{seams['uncut_per_50']:.2f}")
    console.print(table)
    more = report["more_per_50"]
    console.print(f"{more['value']:+.2f} per 50 seams more than where nothing was cut ({_interval(more, 1)})")
    live, bordered, difference = report["cer_live"], report["cer_true_borders"], report["cer_difference"]
    console.print(
        f"character errors {100 * live['value']:.2f} % live, {100 * bordered['value']:.2f} % at true borders:"
        f" {report['cer_points']:+.2f} points ({_interval(difference, 100)})"
        f" over {report['syllables']} syllables"
    )
    console.print(_split_table(report))


def _interval(rate: dict[str, float], scale: float) -> str:
    return f"{scale * rate['low']:+.2f} to {scale * rate['high']:+.2f}"


def _split_table(report: dict[str, Any]) -> Table:
    table = Table(title="errors more than at true borders, points of all characters")
    for name in ("where", "characters", "characters wrong", "toned syllables wrong", "right syllable, wrong character"):
        table.add_column(name, justify="left" if name == "where" else "right")
    for row in report["split"]:
        more = [ours - theirs for ours, theirs in zip(row["live"], row["true_borders"], strict=True)]
        points = [f"{100 * each / report['syllables']:+.2f}" for each in more]
        table.add_row(row["place"], str(row["reference"]), *points)
    return table


if __name__ == "__main__":
    main()
