"""What each way of decoding gives: greedy, beam, syllable trigram, n-best joint with the language stage, hotwords.

``python -m benchmarks.decoding --data ../shared/data/dev``. Hotwords are a hundred words drawn from the references: of
two to four characters (cut by jieba), in at most two references. A hundred words of jieba's dictionary that no
reference holds are distractors. Recall counts occurrences; a false alarm is a hotword written where the reference
has none.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

if not __package__:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.calibration import expected_error, right_characters
from benchmarks.corpus import read_table
from benchmarks.heard import HeardRecording, Outcome, decode_all, hear
from benchmarks.scoring import Rate, error_rate
from streamer.asr.decoder import Decoder
from streamer.asr.hotword_list import Hotword, spell_hotwords
from streamer.asr.modelpack import find_pack, load_pack
from streamer.asr.models import LoadedModels, load_models
from streamer.asr.readings import read_readings
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from streamer.text.pinyin import is_hanzi

_HOTWORDS = 100
_MOST_OCCURRENCES = 2


@dataclass(frozen=True, slots=True)
class Row:
    """One way of decoding."""

    decoding: str
    cer: Rate
    toned: Rate
    search_ms: float


@dataclass(frozen=True, slots=True)
class HotwordReport:
    """What hotwords did."""

    words: int
    occurrences: int
    recall_without: float
    recall_with: float
    missed_by_greedy: int
    """Occurrences that greedy decoding does not write."""
    recall_of_those_without: float
    """How many of them the best decoding writes without hotwords, and …"""
    recall_of_those_with: float
    """… with them."""
    false_alarms: int
    """Hotwords and distractors written where they were not said."""
    cer_elsewhere_without: float
    """Character errors in utterances without a hotword, before and …"""
    cer_elsewhere_with: float
    """… after."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run from the command line."""
    options = _options(arguments)
    settings = RecognizerSettings()
    with load_models(load_pack(find_pack(options.pack)), settings) as models:
        heard = hear(models, read_table(options.data / options.table)[: options.limit])
        outcomes = {name: decode_all(models, Decoder(models, way), heard) for name, way in _ways(models).items()}
        hotwords, distractors = draw_hotwords([each.characters for each in heard])
        favouring = _favouring(models, [*hotwords, *distractors])
        outcomes["best + hotwords"] = decode_all(models, favouring, heard)
        report: dict[str, Any] = {
            "pack": models.pack.label,
            "table": str(options.data / options.table),
            "rows": [asdict(_row(name, outcome)) for name, outcome in outcomes.items()],
            "hotwords": asdict(hotword_report(heard, outcomes, hotwords, distractors)),
            "calibration_error": _calibration(heard, outcomes["best"]),
        }
    if options.json:
        print(json.dumps(report, ensure_ascii=False, indent=1))
    else:
        _show(report, [_row(name, outcome) for name, outcome in outcomes.items()])


def draw_hotwords(references: Sequence[Sequence[str]]) -> tuple[list[str], list[str]]:
    """A hundred words that occur in at most two references, and as many distractors that occur in none."""
    import jieba  # noqa: PLC0415 - an optional package that takes a second to load

    jieba.setLogLevel(60)
    texts = ["".join(each) for each in references]
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word in jieba.cut(text) if _is_name_like(word)})
    words = sorted(word for word, count in counts.items() if count <= _MOST_OCCURRENCES)
    everything = "\n".join(texts)
    known = sorted(word for word, count in jieba.dt.FREQ.items() if 0 < count < 200 and _is_name_like(word))
    random = np.random.default_rng(0)
    words = sorted(random.permutation(words)[:_HOTWORDS].tolist())
    drawn = random.permutation(len(known))
    distractors = [known[index] for index in drawn if known[index] not in everything][:_HOTWORDS]
    return words, distractors


def hotword_report(
    heard: Sequence[HeardRecording],
    outcomes: dict[str, Outcome],
    hotwords: Sequence[str],
    distractors: Sequence[str],
) -> HotwordReport:
    """Recall and false alarms."""
    said = ["".join(each.characters) for each in heard]
    greedy, without, with_them = (
        ["".join(each.texts) for each in outcomes[name].decoded] for name in ("greedy", "best", "best + hotwords")
    )
    occurrences = [(index, word) for index, text in enumerate(said) for word in hotwords if word in text]
    missed = [(index, word) for index, word in occurrences if word not in greedy[index]]
    false_alarms = sum(
        word in written and word not in text
        for text, written in zip(said, with_them, strict=True)
        for word in (*hotwords, *distractors)
    )
    busy = {index for index, _ in occurrences}
    elsewhere = [index for index in range(len(said)) if index not in busy]
    return HotwordReport(
        words=len(hotwords),
        occurrences=len(occurrences),
        recall_without=_share(word in without[index] for index, word in occurrences),
        recall_with=_share(word in with_them[index] for index, word in occurrences),
        missed_by_greedy=len(missed),
        recall_of_those_without=_share(word in without[index] for index, word in missed),
        recall_of_those_with=_share(word in with_them[index] for index, word in missed),
        false_alarms=false_alarms,
        cer_elsewhere_without=error_rate([outcomes["best"].characters[index] for index in elsewhere]).value,
        cer_elsewhere_with=error_rate([outcomes["best + hotwords"].characters[index] for index in elsewhere]).value,
    )


def _ways(models: LoadedModels) -> dict[str, RecognizerSettings]:
    """From the plainest decoding to that of the pack."""
    best = models.pack.manifest.search or SearchSettings()
    plain = SearchSettings(beam=best.beam, syllable_lm_weight=0.0)
    fused = SearchSettings(beam=best.beam, syllable_lm_weight=best.syllable_lm_weight, length_bonus=best.length_bonus)
    ways = {"beam": plain, "beam + trigram": fused, "best": best}
    return {"greedy": RecognizerSettings(decoding="greedy")} | {
        name: RecognizerSettings(decoding="beam", search=search) for name, search in ways.items()
    }


def _favouring(models: LoadedModels, words: Sequence[str]) -> Decoder:
    decoder = Decoder(models, _ways(models)["best"])
    readings = models.pack.resource("readings")
    if readings is not None:
        spelled, _ = spell_hotwords([Hotword(word) for word in words], read_readings(readings), models.syllables)
        decoder.favour(spelled)
    return decoder


def _calibration(heard: Sequence[HeardRecording], outcome: Outcome) -> float | None:
    """Expected calibration error; None where the pack gives no confidences."""
    if any(each.confidences is None for each in outcome.decoded):
        return None
    confidences: list[float] = []
    is_right: list[bool] = []
    for each, found in zip(heard, outcome.decoded, strict=True):
        confidences += found.confidences or ()
        is_right += right_characters(each.characters, found.texts)
    return expected_error(np.array(confidences), np.array(is_right, bool))


def _row(name: str, outcome: Outcome) -> Row:
    return Row(name, error_rate(outcome.characters), error_rate(outcome.toned), outcome.search_ms)


def _is_name_like(word: str) -> bool:
    return 2 <= len(word) <= 4 and all(is_hanzi(each) for each in word)


def _share(those: Any) -> float:
    listed = list(those)
    return sum(listed) / len(listed) if listed else float("nan")


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with test.tsv, tune.tsv and the recordings")
    parser.add_argument("--table", default="test.tsv", help="test.tsv is for figures, tune.tsv for choosing")
    parser.add_argument("--pack", default="zh", help="name or folder of a model pack")
    parser.add_argument("--limit", type=int, default=None, help="only the first recordings")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def _show(report: dict[str, Any], table_rows: Sequence[Row]) -> None:
    console = Console(width=None if sys.stdout.isatty() else 140)
    table = Table(title=f"{report['pack']} on {report['table']} (95 % intervals)")
    for name in ("decoding", "character errors", "toned syllable errors", "search, ms for 10 s"):
        table.add_column(name, justify="left" if name == "decoding" else "right")
    for row in table_rows:
        rates = [
            f"{100 * each.value:.1f} ({100 * each.low:.1f}–{100 * each.high:.1f})" for each in (row.cer, row.toned)
        ]
        table.add_row(row.decoding, *rates, f"{row.search_ms:.1f}")
    console.print(table)
    console.print(report["hotwords"])
    console.print(f"expected calibration error: {report['calibration_error']}")


if __name__ == "__main__":
    main()
