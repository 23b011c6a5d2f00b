"""The listed words: idioms, names and sayings whose numerals stay as they are."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources

from streamer.text.rules import COUNTED, GOES_ON, NUMERAL


@lru_cache(maxsize=1)
def listed_words() -> tuple[str, ...]:
    """They, as ``numeral_words.txt`` has them."""
    listed = resources.files("streamer.text").joinpath("numeral_words.txt").read_text(encoding="utf-8")
    return tuple(line for line in listed.splitlines() if line and not line.startswith("#"))


@lru_cache(maxsize=1)
def listed_pattern() -> re.Pattern[str]:
    """What matches a listed word, the longest first."""
    return re.compile("|".join(word + _end(word) for word in sorted(listed_words(), key=len, reverse=True)))


def _end(word: str) -> str:
    """What must not follow a word: 二百五 is one, but no part of 二百五十六, and 三月三 none of 三月三号."""
    if word.endswith("点"):
        return f"(?!半|{NUMERAL}(?!{NUMERAL}*(?:{COUNTED})))"
    if re.fullmatch(f"{NUMERAL}|幺", word[-1]):
        return f"(?!{GOES_ON}{f'|[日号]|[到至、]{NUMERAL}' if '月' in word else ''})"
    return ""
