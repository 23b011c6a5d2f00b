"""Names that hold numerals, as a person lists them: 十八里店 is no 18里店."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from streamer.text.itn import normalise
from streamer.text.rules import FREE, GOES_ON, NUMERAL

NamesAt = Callable[[int], re.Pattern[str] | None]
"""The names for an utterance that begins at a position of the recording; None where no name holds a numeral."""

_NUMERAL = re.compile(f"{NUMERAL}|幺")
_ENDS = f"(?!{GOES_ON})"
"""What must not follow a name that ends with a numeral: 五四 is one, but no part of 五四三二."""


def names_pattern(words: Iterable[str]) -> re.Pattern[str] | None:
    """What matches the words that hold a numeral, the longest first; None where none does."""
    names = sorted((word for word in set(words) if _NUMERAL.search(word)), key=lambda word: (-len(word), word))
    return re.compile("|".join(map(_bounded, names))) if names else None


def normalise_between(text: str, names: re.Pattern[str] | None) -> str:
    """As :func:`~streamer.text.itn.normalise`, names excepted: they stay as they are."""
    written: list[str] = []
    position = 0
    for name in names.finditer(text) if names else ():
        written += [normalise(text[position : name.start()]), name[0]]
        position = name.end()
    return "".join((*written, normalise(text[position:])))


def _bounded(word: str) -> str:
    before = FREE if _NUMERAL.match(word) else ""
    return before + re.escape(word) + (_ENDS if _NUMERAL.match(word[-1]) else "")
