"""What each way of decoding gives: greedy, beam, syllable trigram, sentence model, n-best joint, hotwords.

All of them decode the same: what the pack's finals are decoded from, two hearings where its search wants them.

Hotwords are a hundred words drawn from the references: of two to four characters (cut by jieba), in at most two
references. A hundred words of jieba's dictionary that no reference holds are distractors; for the list of ten thousand
there are more of them. Recall counts occurrences; a false alarm is a hotword written where the reference has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import numpy as np

from benchmarks.calibration import Doubts, doubts, expected_error, right_characters
from benchmarks.heard import HeardRecording, Outcome, decode_all
from benchmarks.scoring import Rate, error_rate
from streamer.asr.decoder import Decoder
from streamer.asr.hotword_list import Hotword, spell_hotwords
from streamer.asr.models import LoadedModels
from streamer.asr.readings import read_readings
from streamer.settings.minutes import MinutesSettings
from streamer.settings.recognizer import RecognizerSettings
from streamer.settings.search import SearchSettings
from streamer.text.pinyin import is_hanzi

JOINT: Final = "n-best joint"
"""The decoding of the pack: beam, n-gram, and the best joint score of several sequences with the language stage."""
FAVOURED: Final = "+ hotwords"
"""The same with hotwords."""
CROWDED: Final = "+ 10,000 hotwords"
"""The same with far more words than were said."""

_HOTWORDS = 100
_MOST_OCCURRENCES = 2
_CROWD = 10_000
_RARE = 400


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


@dataclass(frozen=True, slots=True)
class DecodingReport:
    """What was decoded."""

    rows: tuple[Row, ...]
    """The ways of decoding, the plainest first."""
    hotwords: HotwordReport
    """What hotwords did."""
    calibration_error: float | None
    """Expected calibration error of :data:`JOINT`; None where the pack gives no confidences."""
    doubts: Doubts | None
    """What its characters of little confidence are; None where the pack gives none."""


def decoding_report(models: LoadedModels, heard: Sequence[HeardRecording]) -> DecodingReport:
    """Decode recordings in every way."""
    outcomes = {name: decode_all(models, Decoder(models, way), heard) for name, way in _ways(models).items()}
    hotwords, distractors, crowd = draw_hotwords([each.characters for each in heard])
    words = [*hotwords, *distractors]
    outcomes[FAVOURED] = decode_all(models, _favouring(models, words), heard)
    outcomes[CROWDED] = decode_all(models, _favouring(models, [*words, *crowd]), heard)
    return DecodingReport(
        tuple(_row(name, outcome) for name, outcome in outcomes.items()),
        hotword_report(heard, outcomes, hotwords, distractors),
        *_calibration(heard, outcomes[JOINT]),
    )


def draw_hotwords(references: Sequence[Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """Words that occur in at most two references, as many distractors that occur in none, and a crowd of those."""
    import jieba  # noqa: PLC0415 - an optional package that takes a second to load

    jieba.setLogLevel(60)
    texts = ["".join(each) for each in references]
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update({word for word in jieba.cut(text) if _is_name_like(word)})
    words = sorted(word for word, count in counts.items() if count <= _MOST_OCCURRENCES)
    everything = "\n".join(texts)
    known = sorted(word for word, count in jieba.dt.FREQ.items() if 0 < count < _RARE and _is_name_like(word))
    random = np.random.default_rng(0)
    words = sorted(random.permutation(words)[:_HOTWORDS].tolist())
    drawn = random.permutation(len(known))
    strange = [known[index] for index in drawn if known[index] not in everything][: _CROWD - len(words)]
    return words, strange[:_HOTWORDS], strange[_HOTWORDS:]


def hotword_report(
    heard: Sequence[HeardRecording],
    outcomes: dict[str, Outcome],
    hotwords: Sequence[str],
    distractors: Sequence[str],
) -> HotwordReport:
    """Recall and false alarms."""
    said = ["".join(each.characters) for each in heard]
    greedy, without, with_them = (
        ["".join(each.texts) for each in outcomes[name].decoded] for name in ("greedy", JOINT, FAVOURED)
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
        cer_elsewhere_without=error_rate([outcomes[JOINT].characters[index] for index in elsewhere]).value,
        cer_elsewhere_with=error_rate([outcomes[FAVOURED].characters[index] for index in elsewhere]).value,
    )


def _ways(models: LoadedModels) -> dict[str, RecognizerSettings]:
    """From the plainest decoding to that of the pack."""
    best = models.pack.manifest.search or SearchSettings()
    judged = msgspec.structs.replace(best, n_best=1)
    fused = msgspec.structs.replace(judged, sentence_weight=0.0)
    plain = msgspec.structs.replace(fused, syllable_lm_weight=0.0)
    ways = {"beam": plain, "beam + n-gram": fused, "+ sentence model": judged, JOINT: best}
    return {"greedy": RecognizerSettings(decoding="greedy")} | {
        name: RecognizerSettings(decoding="beam", search=search) for name, search in ways.items()
    }


def _favouring(models: LoadedModels, words: Sequence[str]) -> Decoder:
    decoder = Decoder(models, _ways(models)[JOINT])
    readings = models.pack.resource("readings")
    if readings is not None:
        spelled, _ = spell_hotwords([Hotword(word) for word in words], read_readings(readings), models.syllables)
        decoder.favoured = decoder.favourable(spelled)
    return decoder


def _calibration(heard: Sequence[HeardRecording], outcome: Outcome) -> tuple[float, Doubts] | tuple[None, None]:
    """Expected calibration error, and what doubts find; None where the pack gives no confidences."""
    if any(each.confidences is None for each in outcome.decoded):
        return None, None
    confidences: list[float] = []
    is_right: list[bool] = []
    for each, found in zip(heard, outcome.decoded, strict=True):
        confidences += found.confidences or ()
        is_right += right_characters(each.characters, found.texts)
    known = np.array(confidences), np.array(is_right, bool)
    return expected_error(*known), doubts(*known, MinutesSettings().doubt_below)


def _row(name: str, outcome: Outcome) -> Row:
    return Row(name, error_rate(outcome.characters), error_rate(outcome.toned), outcome.search_ms)


def _is_name_like(word: str) -> bool:
    return 2 <= len(word) <= 4 and all(is_hanzi(each) for each in word)


def _share(those: Any) -> float:
    listed = list(those)
    return sum(listed) / len(listed) if listed else float("nan")
