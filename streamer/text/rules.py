"""What the rules of inverse text normalisation are made of."""

from __future__ import annotations

import re
from collections.abc import Callable

DIGIT = "[零〇一二三四五六七八九]"
"""A digit as it is spoken."""
NUMERAL = "[零〇一二两三四五六七八九十百千万亿]"
"""A part of a cardinal."""
FREE = "(?<![零〇一二两三四五六七八九十百千万亿幺几数点])"
"""No number goes on here."""

Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str | None]]
"""A pattern tried at a position, and what is written for it; None leaves the position to the next rule."""


def rule(pattern: str, write: Callable[[re.Match[str]], str | None]) -> Rule:
    """A rule from the source of its pattern."""
    return re.compile(pattern), write


def as_said(match: re.Match[str]) -> str:
    """What a rule writes that keeps other rules away."""
    return match[0]
