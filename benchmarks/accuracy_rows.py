"""Utterances that were scored, and the rates over groups of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.scoring import KINDS, Kind, Rate, error_rate
from streamer.scoring import Errors

RATES = ((0.0, 3.0), (3.0, 4.0), (4.0, 5.0), (5.0, 99.0))
"""Syllables a second between the first and the last loud frame, in bins."""


@dataclass(frozen=True, slots=True)
class Scored:
    """One decoded utterance."""

    name: str
    kind: Kind
    tempo: float
    syllables_per_second: float
    reference: str
    recognised: str
    characters: Errors
    toned: Errors
    toneless: Errors
    audio_seconds: float
    cpu_seconds: float


@dataclass(frozen=True, slots=True)
class Row:
    """Rates over a group of utterances."""

    group: str
    utterances: int
    cer: Rate
    toned: Rate
    toneless: Rate
    insertions: float
    """Of toneless syllables, over reference syllables; likewise the next two."""
    deletions: float
    substitutions: float


def rows(scored: Sequence[Scored]) -> list[Row]:
    """The groups that are reported, in order."""
    found = []
    for tempo in sorted({each.tempo for each in scored}):
        here = [each for each in scored if each.tempo == tempo]
        label = f"tempo × {tempo:g}"
        found.append(_row(f"all, {label}", here))
        if tempo == 1.0:
            found += [_row(kind, [each for each in here if each.kind == kind]) for kind in KINDS]
        for low, high in RATES:
            group = [each for each in here if low <= each.syllables_per_second < high]
            found.append(_row(f"{label}, {_rate_label(low, high)}", group))
    return [row for row in found if row.utterances]


def rtf(scored: Sequence[Scored]) -> float:
    """Processor time over audio time."""
    return sum(each.cpu_seconds for each in scored) / max(1e-9, sum(each.audio_seconds for each in scored))


def summary(scored: Sequence[Scored], table: str) -> dict[str, float | str]:
    """What a manifest says of its pack's accuracy, percent."""
    here = [each for each in scored if each.tempo == 1.0]
    rates = (
        ("character_errors", [each.characters for each in here]),
        ("toned_syllable_errors", [each.toned for each in here]),
        ("toneless_syllable_errors", [each.toneless for each in here]),
    )
    measured: dict[str, float | str] = {name: round(100 * error_rate(errors).value, 1) for name, errors in rates}
    return {"measured_on": f"AISHELL-1 speaker S0252, {table}, {len(here)} utterances", **measured}


def _row(group: str, scored: Sequence[Scored]) -> Row:
    syllables = [each.toneless for each in scored]
    reference = max(1, sum(each.reference for each in syllables))
    return Row(
        group=group,
        utterances=len(scored),
        cer=error_rate([each.characters for each in scored]),
        toned=error_rate([each.toned for each in scored]),
        toneless=error_rate(syllables),
        insertions=sum(each.insertions for each in syllables) / reference,
        deletions=sum(each.deletions for each in syllables) / reference,
        substitutions=sum(each.substitutions for each in syllables) / reference,
    )


def _rate_label(low: float, high: float) -> str:
    if not low:
        return f"under {high:g} syll./s"
    return f"over {low:g} syll./s" if high > 90 else f"{low:g}–{high:g} syll./s"
