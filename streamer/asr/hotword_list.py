"""Lists of hotwords: what a person wants favoured, and how it is pronounced."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from streamer.asr.hotwords import SpelledHotword
from streamer.asr.readings import ReadingTable
from streamer.asr.tokens import TokenTable
from streamer.errors import SettingsError

MOST_HOTWORDS = 20_000
"""Longest list that is accepted; more would favour everything."""
_LONGEST = 16
_BETWEEN_WORDS = frozenset(",，;；、\t")
"""What people write between words; left in, it would make one word of them that nobody says."""
_COMMENTS = ("#", "＃")
"""A line that begins so is none; the second is as a Chinese input method gives it."""
_HEAVIEST = 10.0
_SMALL_LETTERS = re.compile("[A-Za-z]*[a-z][A-Za-z]+|[A-Za-z]+[a-z]")
"""Two Latin letters or more that are not all capitals: rather a word that is read than letters that are spelled."""

_WEIGHT_BESIDE = re.compile(r"(.*[^\d\s])\s*[:：=]\s*([\d.]+)")
"""A weight as other programs take it; left in, its digits would be part of a word that nobody says."""


@dataclass(frozen=True, slots=True)
class Hotword:
    """A name or term to favour."""

    text: str
    """As it is to be written; Latin words are taken to be spelled letter by letter."""
    weight: float = 1.0
    """Factor on the settings' ``hotword_bonus``; above 0, at most 10."""


def parse_hotword(line: str) -> Hotword:
    """Read ``张伟`` or ``张伟 2.5``: a word and optionally its weight.

    Raises:
        ValueError: the word is too long, or several; or the weight is out of range or no number, or not after a space.
    """
    word, weight = _parted(line)
    before, last = _ends(line)
    if word == _spaced(line) and last.isascii() and last != last.upper() and not before.isascii():
        raise ValueError(
            f"{last!r} after {before!r} is no weight: expected WORD or WORD WEIGHT, as 张伟 or 张伟 2.5; "
            "letters that belong to the word stand beside it without a space"
        )
    if beside := _WEIGHT_BESIDE.fullmatch(_spaced(line)):
        raise ValueError(f"{beside[0]!r}: a weight stands after a space, as in {f'{beside[1]} {beside[2]}'!r}")
    if found := next((each for each in word if each in _BETWEEN_WORDS), ""):
        shown = word if len(word) <= _LONGEST else f"{word[:_LONGEST]}…"
        raise ValueError(
            f"{shown!r} holds {found!r}, as if it were several hotwords: expected one a line, entry or --hotword"
        )
    return _checked(word, weight)


def parse_kept_hotword(line: str) -> Hotword:
    """As :func:`parse_hotword`, of a word that a meeting was held with: an older streamer took several for one.

    Raises:
        ValueError: the word is too long, or the weight is out of range.
    """
    return _checked(*_parted(line))


def read_hotwords(path: Path) -> list[Hotword]:
    """Read a list: UTF-8, a hotword a line, optionally a space and its weight; ``#`` lines and blank ones are skipped.

    Raises:
        SettingsError: the file is missing, not UTF-8, too long, or a line is malformed; the message names the line.
    """
    try:
        text = path.read_bytes().decode().replace("\ufeff", "")  # Windows' Notepad begins each list with one
    except OSError as error:
        raise SettingsError(f"cannot read hotwords {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        bad_line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"hotwords {path}, line {bad_line}: not UTF-8 (save the list as UTF-8)") from error
    hotwords = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith(_COMMENTS):
            continue
        try:
            hotwords.append(parse_hotword(line))
        except ValueError as error:
            raise SettingsError(f"hotwords {path}, line {number}: {error}") from error
        if len(hotwords) > MOST_HOTWORDS:
            raise SettingsError(
                f"hotwords {path}: more than {MOST_HOTWORDS:,} words (a list this long favours everything)"
            )
    return hotwords


def spell_hotwords(
    hotwords: Iterable[Hotword], readings: ReadingTable, syllables: TokenTable
) -> tuple[list[SpelledHotword], list[str]]:
    """Every way to pronounce each hotword, and the hotwords that cannot be favoured.

    Those are words of a single syllable, which would favour every homophone everywhere, and words with a character that
    has no reading.
    """
    spelled: list[SpelledHotword] = []
    unusable: list[str] = []
    for hotword in hotwords:
        ways = [way for way in readings.spell(hotword.text) if all(each in syllables for each in way)]
        if not ways or len(ways[0]) < 2:
            unusable.append(hotword.text)
            continue
        text = as_written(hotword.text)
        spelled += [SpelledHotword(text, tuple(syllables.id(each) for each in way), hotword.weight) for way in ways]
    return spelled, unusable


def as_written(word: str) -> str:
    """A hotword as captions write it: letters in capitals, nothing between them."""
    return "".join(each.upper() if each.isascii() else each for each in word if each.isalnum())


def is_spelled_only(word: str) -> bool:
    """Whether it holds a Latin word that looks read (``hello``), while letters are favoured one by one (``GDP``)."""
    return _SMALL_LETTERS.search(word) is not None


def _parted(line: str) -> tuple[str, float]:
    """Word and weight."""
    word, last = _ends(line)
    weight = _number(last)
    return (_spaced(line), 1.0) if not word or weight is None else (word, weight)


def _ends(line: str) -> tuple[str, str]:
    """What comes before the last space, a tab or a full-width one among them, and what comes after it."""
    parts = _spaced(line).rsplit(maxsplit=1)
    return (parts[0], parts[1]) if len(parts) > 1 else ("", _spaced(line))


def _spaced(line: str) -> str:
    return line.replace("\u3000", " ").strip()


def _checked(word: str, weight: float) -> Hotword:
    if len(word) > _LONGEST:
        raise ValueError(f"hotword of {len(word)} characters, expected at most {_LONGEST}: {word[:_LONGEST]}…")
    if not 0 < weight <= _HEAVIEST:
        raise ValueError(f"weight {weight:g} of hotword {word!r}, expected above 0 and at most {_HEAVIEST:g}")
    return Hotword(word, weight)


def _number(text: str) -> float | None:
    try:
        return float(unicodedata.normalize("NFKC", text.replace("。", ".")))
    except ValueError:
        return None
