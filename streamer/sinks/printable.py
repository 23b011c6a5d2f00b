"""Text from outside, made safe for a terminal."""

from __future__ import annotations

import unicodedata

_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They reorder what is shown, so that a title could hide what it says (bidirectional overrides and isolates)."""
_BREAKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")


def printable(text: str) -> str:
    """The text on one line, without anything that a terminal would obey.

    Controls (C0, C1, DEL), direction marks and lone surrogates are taken out; tabs and line breaks become a space.
    Titles, transcripts and device names go through here before they are shown.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(" " if char in _BREAKS else char for char in text if _is_harmless(char))


def _is_harmless(char: str) -> bool:
    return char in _BREAKS or (unicodedata.category(char) not in {"Cc", "Cs"} and char not in _DIRECTION_MARKS)
