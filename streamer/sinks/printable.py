"""Text from outside, made safe for a terminal."""

from __future__ import annotations

import unicodedata

_DIRECTION_MARKS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
"""They reorder what is shown, so that a title could hide what it says (bidirectional overrides and isolates)."""
_BYTE_ORDER_MARK = "\ufeff"
"""Files of Windows begin with it; in a title or an edit that was taken from one it is seen by programs only."""
_BREAKS = frozenset("\t\n\v\f\r\x85\u2028\u2029")
_UNSEEN = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")
"""Letters and signs that have no ink: joiners, vowels and fillers of scripts, the empty cell of Braille."""
_VARIANTS = frozenset(map(chr, (*range(0x180B, 0x1810), *range(0xFE00, 0xFE10), *range(0xE0100, 0xE01F0))))
"""They choose how the character before them looks."""


def is_blank(text: str) -> bool:
    """Whether nothing of it is seen: spaces, controls and format characters only, as the zero-width space."""
    return all(
        unicodedata.category(char) in {"Cc", "Cf", "Zs", "Zl", "Zp"} or char in _UNSEEN or char in _VARIANTS
        for char in text
    )


def in_utf_8(text: str) -> str:
    """The text as any program can take it: bytes that are no UTF-8, as in a file's name, become U+FFFD."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def printable(text: str) -> str:
    """The text on one line, without anything that a terminal would obey.

    Controls (C0, C1, DEL), direction and byte order marks are taken out; tabs and line breaks become a space, bytes
    that are no UTF-8 (lone surrogates) a replacement character. Titles, transcripts and device names go through here
    before they are shown.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_shown, text))


def _shown(char: str) -> str:
    if char in _BREAKS:
        return " "
    if char in _DIRECTION_MARKS or char == _BYTE_ORDER_MARK:
        return ""
    category = unicodedata.category(char)
    return "" if category == "Cc" else "\ufffd" if category == "Cs" else char
