"""Messages that a person reads: where a terminal would break a word, its row ends at the space before."""

from __future__ import annotations

import os
import re
from typing import TextIO

from streamer.sinks.layout import columns_of

_USUAL_COLUMNS = 80
_HAN, _OPENING, _CLOSING = "一-鿿", "（《「『", "，。、；：？！）》」』"
_UNBROKEN = rf"`[^`\n]*`|[^\s{_HAN}{_OPENING}{_CLOSING}/]*/[^\s{_CLOSING}]*|[^\s{_HAN}{_OPENING}{_CLOSING}]"
"""A command, a path, in which there may be Chinese, or a character of a word."""
_PIECES = re.compile(rf"[{_OPENING}]*(?:(?:{_UNBROKEN})+|[{_HAN}])[{_CLOSING}]*|[{_OPENING}{_CLOSING}]+")
"""What is not broken: words, commands and paths, which are copied from the screen, characters with their marks."""


def prose(text: str, stream: TextIO, indent: str = "") -> str:
    """A message as it is written there: in rows where that is a terminal, else as it is.

    Args:
        text: harmless on a terminal.
        stream: where it goes.
        indent: begins each row after the first.
    """
    if not stream.isatty():
        return text
    return folded(text, os.get_terminal_size(stream.fileno()).columns or _USUAL_COLUMNS, indent)


def folded(text: str, columns: int, indent: str = "") -> str:
    """A text in rows of at most so many columns; what is longer than a row is left to the terminal, in one piece."""
    return "\n".join(_folded_line(line, columns, indent) for line in text.split("\n"))


def _folded_line(line: str, columns: int, indent: str) -> str:
    if columns_of(line) <= columns:
        return line
    rows, used, end = "", 0, 0
    for found in _PIECES.finditer(line):
        gap, piece = line[end : found.start()], found[0]
        size, end = columns_of(piece), found.end()
        if used and used + len(gap) + size > columns and len(indent) + size <= columns:
            rows, used = f"{rows}\n{indent}{piece}", len(indent) + size
        else:
            rows, used = rows + gap + piece, (used + len(gap) + size - 1) % columns + 1
    return rows
