"""How good text is: ways of decoding, hotwords, confidences, punctuation, numbers.

``python -m benchmarks.text --data ../shared/data/dev --texts ../shared/data/text``; ``--only`` picks parts. Decoding,
hotwords and calibration are measured on a table of recordings, punctuation on held-out meetings (by characters alone,
with simulated pauses, live, and in hindsight for minutes), numbers on the cases of ``tests/text/itn_cases.tsv``.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.corpus import read_table
from benchmarks.decoding import DecodingReport, decoding_report
from benchmarks.heard import hear
from benchmarks.marks import MarkScore, held_out_meetings, judge_with, live_scores, mark_scores, minutes_scores
from streamer.asr.modelpack import ModelPack, find_pack, load_pack
from streamer.asr.models import load_models
from streamer.asr.runners import open_runner
from streamer.errors import StreamerError
from streamer.settings.recognizer import RecognizerSettings
from streamer.text.itn import normalise
from streamer.text.punctuation import Punctuator

PARTS: Final = ("decoding", "punctuation", "numbers")
CASES: Final = Path(__file__).resolve().parent.parent / "tests" / "text" / "itn_cases.tsv"


@dataclass(frozen=True, slots=True)
class PunctuationReport:
    """Marks in held-out meetings."""

    characters: int
    by_characters: list[MarkScore]
    """The model sees characters only."""
    with_pauses: list[MarkScore]
    """It is given simulated pauses too."""
    live: list[MarkScore]
    """What a live meeting writes: utterance by utterance, with the same pauses and without what is said next."""
    minutes: list[MarkScore]
    """What its minutes have: marks in hindsight."""


@dataclass(frozen=True, slots=True)
class NumberReport:
    """Inverse text normalisation over the written cases."""

    cases: int
    right: int
    wrong: list[tuple[str, str, str]]
    """Spoken form, written form, what came out."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    parts = options.only or PARTS
    for part, option in (("decoding", "data"), ("punctuation", "texts")):
        if part in parts and getattr(options, option) is None:
            parser.error(f"{part} needs --{option}; see --help, or pick other parts with --only")
    try:
        pack = load_pack(find_pack(options.pack))
        report: dict[str, Any] = {"pack": pack.label, "table": str(options.table)}
        if "decoding" in parts:
            report["decoding"] = _decoding(pack, options)
        if "punctuation" in parts:
            report["punctuation"] = punctuation_report(pack, options.texts)
    except StreamerError as error:
        parser.error(str(error))
    if "numbers" in parts:
        report["numbers"] = number_report(CASES)
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1, default=asdict))
    else:
        _show(report, Console(width=None if sys.stdout.isatty() else 140))


def punctuation_report(pack: ModelPack, texts: Path) -> PunctuationReport | None:
    """Marks of the pack's model; None where the pack has none.

    Raises:
        SettingsError: there are no held-out meetings in ``texts``.
        PackError: the model cannot be loaded.
    """
    path = pack.resource("punctuation")
    meetings = held_out_meetings(texts)
    if path is None:
        return None
    runner = open_runner("onnx", path, RecognizerSettings())
    try:
        characters = pack.characters()
        ids = {token: characters.id(token) for token in characters.tokens}
        judge = judge_with(runner, ids)
        return PunctuationReport(
            sum(len(passage.characters) for passage in meetings),
            mark_scores(judge, meetings, pauses=False),
            mark_scores(judge, meetings, pauses=True),
            live_scores(Punctuator(runner, ids), meetings),
            minutes_scores(Punctuator(runner, ids), meetings),
        )
    finally:
        runner.close()


def number_report(path: Path) -> NumberReport:
    """What becomes of each case; lines are spoken form, tab, written form."""
    lines = path.read_text(encoding="utf-8").splitlines()
    cases = [line.split("\t") for line in lines if line and not line.startswith("#")]
    found = [(spoken, written, normalise(spoken)) for spoken, written in cases]
    wrong = [each for each in found if each[1] != each[2]]
    return NumberReport(len(found), len(found) - len(wrong), wrong)


def _decoding(pack: ModelPack, options: argparse.Namespace) -> DecodingReport:
    with load_models(pack, RecognizerSettings()) as models:
        return decoding_report(models, hear(models, read_table(options.data / options.table)[: options.limit]))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, help="folder with test.tsv, tune.tsv and the recordings")
    parser.add_argument("--table", default="test.tsv", help="test.tsv is for figures, tune.tsv for choosing")
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    parser.add_argument("--texts", type=Path, help="folder with meetings.txt and meetings_2.txt (VCSum)")
    parser.add_argument("--pack", default="zh", help="name or folder of a model pack")
    parser.add_argument("--only", action="append", choices=PARTS, help="only this part; may be repeated")
    parser.add_argument("--json", action="store_true")
    return parser


def _show(report: dict[str, Any], console: Console) -> None:
    decoding, punctuation, numbers = (report.get(part) for part in PARTS)
    if decoding is not None:
        _show_decoding(f"{report['pack']} on {report['table']} (95 % intervals)", decoding, console)
    if punctuation is not None:
        _show_punctuation(punctuation, console)
    elif "punctuation" in report:
        console.print("punctuation: the pack has no model for it")
    if numbers is not None:
        console.print(f"numbers: {numbers.right} of {numbers.cases} cases right")
        for spoken, written, found in numbers.wrong:
            console.print(f"  {spoken}: expected {written}, got {found}")


def _show_decoding(title: str, report: DecodingReport, console: Console) -> None:
    table = Table(title=title)
    for name in ("decoding", "character errors", "against greedy", "toned syllable errors", "processor ms for 10 s"):
        table.add_column(name, justify="left" if name == "decoding" else "right")
    greedy = report.rows[0].cer.value
    for row in report.rows:
        rates = [
            f"{100 * each.value:.1f} ({100 * each.low:.1f}–{100 * each.high:.1f})" for each in (row.cer, row.toned)
        ]
        change = f"{100 * (row.cer.value / greedy - 1):+.1f} %" if greedy else "–"
        table.add_row(row.decoding, rates[0], change, rates[1], f"{row.search_ms:.1f}")
    console.print(table)
    words = report.hotwords
    console.print(
        f"hotwords: {words.words} drawn, said {words.occurrences} times; recall {_percent(words.recall_without)} "
        f"without, {_percent(words.recall_with)} with; of the {words.missed_by_greedy} that greedy gets wrong "
        f"{_percent(words.recall_of_those_without)} and {_percent(words.recall_of_those_with)}; "
        f"{words.false_alarms} false alarms; character errors in other utterances "
        f"{_percent(words.cer_elsewhere_without)} and {_percent(words.cer_elsewhere_with)}"
    )
    if report.calibration_error is None or report.doubts is None:
        console.print("expected calibration error: the pack has no confidences")
        return
    found = report.doubts
    console.print(
        f"expected calibration error: {report.calibration_error:.3f}; below {found.below:g} are "
        f"{_percent(found.marked)} of all characters and {_percent(found.found)} of the wrong ones, "
        f"{_percent(found.wrong)} of them are wrong"
    )


def _show_punctuation(report: PunctuationReport, console: Console) -> None:
    table = Table(title=f"marks in held-out meetings, {report.characters:,} characters: precision / recall / F1")
    for name in ("mark", "said", "by characters", "with simulated pauses", "live", "minutes"):
        table.add_column(name, justify="left" if name == "mark" else "right")
    for scores in zip(report.by_characters, report.with_pauses, report.live, report.minutes, strict=True):
        cells = [f"{each.precision:.2f} / {each.recall:.2f} / {each.f1:.3f}" for each in scores]
        table.add_row(scores[0].mark, str(scores[0].said), *cells)
    console.print(table)


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


if __name__ == "__main__":
    main()
