"""How error rates are reported: kinds of content, and intervals.

What is compared is in :mod:`streamer.scoring`. An English word counts letter by letter although it is not spelled
when spoken, so that recordings with English words hold errors that this recogniser cannot avoid; they are a kind of
their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from streamer.scoring import Errors, spoken_characters

Kind = Literal["digits", "letters", "commands", "english", "short", "sentences"]
KINDS: tuple[Kind, ...] = ("digits", "letters", "english", "commands", "short", "sentences")
"""Kinds of content, in the order in which :func:`kind_of` tries them (``sentences`` is the rest)."""

_DIGITS = "零一二三四五六七八九幺"
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors over reference tokens, with what resampling the utterances makes of it."""

    value: float
    low: float
    """2.5 % quantile."""
    high: float
    """97.5 % quantile."""


def kind_of(text: str) -> Kind:
    """Kind of content, by the first rule that fits.

    digits: nothing but digits (幺 is one); letters: nothing but letters that stand alone; english: it holds a word of
    Latin letters; commands: it begins, after 嗯 or 呃, with 打开 or sets a temperature (温度设为); short: at most eight
    characters, which are names of places and titles; sentences: the rest, read news.
    """
    characters = "".join(spoken_characters(text))
    if set(characters) <= set(_DIGITS):
        return "digits"
    if characters.isascii() and not _ENGLISH.search(text):
        return "letters"
    if _ENGLISH.search(unicodedata.normalize("NFKC", text)):
        return "english"
    if characters.lstrip("嗯呃").startswith("打开") or "温度设为" in characters:
        return "commands"
    return "short" if len(characters) <= _SHORT else "sentences"


def error_rate(errors: Sequence[Errors], resamples: int = 2000) -> Rate:
    """Error rate over utterances with a bootstrap interval; NaN where there are none."""
    return _ratio([(each.total, each.reference) for each in errors], resamples)


def rate_difference(errors: Sequence[Errors], others: Sequence[Errors], resamples: int = 2000) -> Rate:
    """How much higher an error rate is than another of the same utterances, with a bootstrap interval.

    Utterances are drawn with both readings: what is hard for one is hard for the other. NaN where there are none.
    """
    pairs = zip(errors, others, strict=True)
    return _ratio([(one.total - other.total, one.reference) for one, other in pairs], resamples)


def _ratio(counts: Sequence[tuple[int, int]], resamples: int) -> Rate:
    """Sum of the first counts over that of the second."""
    if not counts:
        return Rate(float("nan"), float("nan"), float("nan"))
    rows = np.array(counts, np.float64)
    drawn = np.random.default_rng(0).integers(0, len(rows), (resamples, len(rows)))
    sums = rows[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    total, reference = rows.sum(axis=0)
    return Rate(float(total / reference), float(low), float(high))
