"""Styled text cut and wrapped to the columns of a terminal, where a Chinese character takes two."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rich.cells import get_character_cell_size


class Style(StrEnum):
    """How text looks; the values are SGR parameters."""

    PLAIN = ""
    DIM = "2"
    BOLD = "1"
    BAR = "7"
    """Inverted: the bar that separates captions from status."""
    WARNING = "30;43"
    """With a background of its own: yellow letters cannot be read on a white terminal."""
    ERROR = "31"
    MARK = "35"
    DOUBT = "4"
    """Underlined."""
    FILLED = "42"
    """A column of the level meter that is reached."""
    LOUD = "41"
    """The same where it is too loud."""
    EMPTY = "100"
    """A column that is not."""


@dataclass(frozen=True, slots=True)
class Size:
    """Of a terminal."""

    columns: int
    rows: int


@dataclass(frozen=True, slots=True)
class Span:
    """Text of one style."""

    text: str
    style: Style = Style.PLAIN


Line = tuple[Span, ...]
"""One row of the terminal."""


def width(line: Iterable[Span]) -> int:
    """Columns that a line takes."""
    return sum(columns_of(span.text) for span in line)


def columns_of(text: str) -> int:
    """Columns that a text takes as it is drawn.

    Nothing of it is remembered: ``cell_len`` keeps the 4,096 newest texts, 2 MB of captions after some hours, and
    ``get_character_cell_size`` as many characters, half a megabyte once all that people say has come.
    """
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(map(_columns_of_character, text))


def drawn(text: str) -> str:
    """The text without what makes one picture of several characters, or another of one.

    Terminals disagree on the columns of those pictures, but hardly on those of the characters.
    """
    return text if text.isascii() else text.translate(_JOINING)


def _columns_of_character(character: str) -> int:
    """As ``get_character_cell_size``; what captions are made of takes two columns."""
    return 2 if _is_chinese(character) else get_character_cell_size(character)


def _is_chinese(character: str) -> bool:
    return "一" <= character <= "\u9fff" or character in _WIDE_MARKS


def is_counted_alike(text: str) -> bool:
    """Whether all terminals give a text the same columns."""
    return text.isascii() or all(character.isascii() or _is_chinese(character) for character in text)


def cut(text: str, columns: int) -> str:
    """The text, or as much of its beginning as fits with an ellipsis."""
    if columns_of(text) <= columns:
        return text
    taken, used = [], 0
    for char in text:
        used += _columns_of_character(char)
        if used > columns - 1:
            break
        taken.append(char)
    return "".join(taken) + "…" if columns > 0 else ""


def cut_line(line: Sequence[Span], columns: int) -> Line:
    """The spans of a line that fit, the last of them cut."""
    kept: list[Span] = []
    left = columns
    for span in line:
        taken = columns_of(span.text)
        if taken > left:
            return (*kept, Span(cut(span.text, left), span.style))
        kept.append(span)
        left -= taken
    return tuple(kept)


def wrap(spans: Sequence[Span], columns: int, indent: int = 0) -> list[Line]:
    """Break text into rows of at most so many columns; rows after the first begin with ``indent`` spaces.

    Breaks come between any two characters, as Chinese is set, but not before closing punctuation, and not inside a
    word of Latin letters or a number (14:30, 3.5%) that fits on a row.
    """
    pieces = [(piece, span.style) for span in spans for piece in _pieces(span.text, columns - indent)]
    rows: list[list[tuple[str, Style]]] = [[]]
    used = 0
    for at, (piece, style) in enumerate(pieces):
        size = columns_of(piece)
        following = pieces[at + 1][0] if at + 1 < len(pieces) else ""
        with_closing = size + (columns_of(following) if following in _CLOSING else 0)
        if used + with_closing > columns and used > (indent if len(rows) > 1 else 0):
            rows.append([(" " * indent, Style.PLAIN)] if indent else [])
            used = indent
            if piece == " ":
                continue
        rows[-1].append((piece, style))
        used += size
    return [_merged(row) for row in rows]


def rows_when_broken(line: Iterable[Span], columns: int) -> int:
    """Rows that a terminal makes of a row when it becomes so narrow: between any two characters, at least one."""
    rows, used = 1, 0
    for char in "".join(span.text for span in line):
        taken = columns_of(char)
        if used + taken > columns:
            rows, used = rows + 1, 0
        used += taken
    return rows


_JOINING = dict.fromkeys((0x200D, 0xFE0E, 0xFE0F, *range(0x1F3FB, 0x1F400)))
"""The joiner, the selectors of text and of emoji, the colours of skin: rich gives all of them no column."""
_WIDE_MARKS = frozenset("，。、；：？！（）《》「」『』")
_CLOSING = frozenset("，。、；：？！）》」』”’…,.;:?!)")


_WORD = re.compile(r"[A-Za-z0-9]+(?:[.':-][A-Za-z0-9]+)*%?")
"""A Latin word, a number, a time, a name of several."""
_PART = re.compile(r"[A-Za-z0-9]+|.")


def _pieces(text: str, columns: int) -> list[str]:
    """What must not be broken: characters, and Latin words and numbers that are not longer than a row."""
    pieces: list[str] = []
    reached = 0
    for word in _WORD.finditer(text):
        pieces += text[reached : word.start()]
        pieces += _word(word[0], columns)
        reached = word.end()
    return pieces + list(text[reached:])


def _word(word: str, columns: int) -> list[str]:
    """A word whole where it fits on a row, else its parts, else their characters."""
    if len(word) <= columns:
        return [word]
    parts = _PART.findall(word)
    return [piece for part in parts for piece in ([part] if len(part) <= columns else part)]


def _merged(row: Sequence[tuple[str, Style]]) -> Line:
    merged: list[Span] = []
    for text, style in row:
        if merged and merged[-1].style is style:
            merged[-1] = Span(merged[-1].text + text, style)
        else:
            merged.append(Span(text, style))
    return tuple(merged)
