"""How recognised text is compared with references.

References are brought to what was said: brackets and marks are dropped but their words kept (the dev speaker reads
the street in 沃尔玛(蜀西路分店)), tags such as ``[n]`` are dropped, digits are read out (one or two as a number, more
digit by digit, 点 for the decimal point), full-width forms become plain ones, 〇 becomes 零. What is compared is
ideographs and Latin letters: a letter counts as one character and one syllable, its case does not. An English word
counts letter by letter although it is not spelled when spoken, so that recordings with English words are errors that
this recogniser cannot avoid; they are a kind of their own.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import jiwer
import numpy as np

from streamer.text.pinyin import is_hanzi

Kind = Literal["digits", "letters", "commands", "english", "short", "sentences"]
KINDS: tuple[Kind, ...] = ("digits", "letters", "english", "commands", "short", "sentences")
"""Kinds of content, in the order in which :func:`kind_of` tries them (``sentences`` is the rest)."""

_DIGITS = "零一二三四五六七八九"
_TAG = re.compile(r"\[[^\]]*\]")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?")
_ENGLISH = re.compile(r"[A-Za-z]{2,}")
_SHORT = 8


@dataclass(frozen=True, slots=True)
class Errors:
    """What differs between a reference and what was recognised."""

    reference: int
    """Tokens of the reference."""
    substitutions: int
    deletions: int
    insertions: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.substitutions + self.deletions + self.insertions


@dataclass(frozen=True, slots=True)
class Rate:
    """Errors over reference tokens, with what resampling the utterances makes of it."""

    value: float
    low: float
    """2.5 % quantile."""
    high: float
    """97.5 % quantile."""


def spoken_characters(text: str) -> list[str]:
    """Ideographs and upper-case letters of a text, as spoken."""
    plain = _TAG.sub("", unicodedata.normalize("NFKC", text)).replace("〇", "零")
    plain = _NUMBER.sub(lambda match: _read_out(match[1], match[2]), plain)
    return [
        character.upper() for character in plain if is_hanzi(character) or (character.isascii() and character.isalpha())
    ]


def kind_of(text: str) -> Kind:
    """Kind of content, by the first rule that fits.

    digits: nothing but digits (幺 is one); letters: nothing but letters that stand alone; english: it holds a word of
    Latin letters; commands: it begins, after 嗯 or 呃, with 打开 or sets a temperature (温度设为); short: at most eight
    characters, which are names of places and titles; sentences: the rest, read news.
    """
    characters = "".join(spoken_characters(text))
    if set(characters) <= set(_DIGITS + "幺"):
        return "digits"
    if characters.isascii() and not _ENGLISH.search(text):
        return "letters"
    if _ENGLISH.search(unicodedata.normalize("NFKC", text)):
        return "english"
    if characters.lstrip("嗯呃").startswith("打开") or "温度设为" in characters:
        return "commands"
    return "short" if len(characters) <= _SHORT else "sentences"


def compare(reference: Sequence[str], recognised: Sequence[str]) -> Errors:
    """Errors of one utterance, token by token; the reference must not be empty."""
    measured = jiwer.process_words(" ".join(reference), " ".join(recognised))
    return Errors(len(reference), measured.substitutions, measured.deletions, measured.insertions)


def error_rate(errors: Sequence[Errors], resamples: int = 2000) -> Rate:
    """Error rate over utterances with a bootstrap interval; NaN where there are none."""
    if not errors:
        return Rate(float("nan"), float("nan"), float("nan"))
    counts = np.array([(each.total, each.reference) for each in errors], np.float64)
    drawn = np.random.default_rng(0).integers(0, len(counts), (resamples, len(counts)))
    sums = counts[drawn].sum(axis=1)
    low, high = np.quantile(sums[:, 0] / sums[:, 1], [0.025, 0.975])
    total, reference = counts.sum(axis=0)
    return Rate(float(total / reference), float(low), float(high))


def _read_out(whole: str, fraction: str | None) -> str:
    spoken = _read_small(int(whole)) if len(whole) <= 2 else _read_digits(whole)
    return spoken if fraction is None else f"{spoken}点{_read_digits(fraction)}"


def _read_small(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _read_digits(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)
