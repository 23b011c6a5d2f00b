"""Hesitations that minutes may leave out. The store keeps them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from streamer.minutes import Line, Moment

_ALONE = "(?=[，。？！、嗯呃]|$|[我你他她它咱这那就对好其])"
"""After 额 and 唔, which begin words, too: 额度, 额外, 唔使."""
_FILLER = re.compile(f"(?:(?<=^)|(?<=[，。？！、]))(?:嗯(?!呢)|呃(?!逆)|[额唔]+{_ALONE})+[，、]?")
_MARKS = re.compile(r"^[，。？！、]+|[，。？！、]{2,}")
_SENTENCE_MARKS = "。？！"


def without_fillers(text: str) -> str:
    """Text without hesitations (嗯, 呃, 额, 唔) at the beginning of a clause, and without the comma after them.

    What only hesitates is empty.
    """
    return _MARKS.sub(_one_mark, _FILLER.sub("", text))


def entries_without_fillers(entries: Iterable[Line | Moment]) -> Iterator[Line | Moment]:
    """Entries of minutes without hesitations; lines that a person wrote stay as they are, lines without text go."""
    for entry in entries:
        if isinstance(entry, Moment) or entry.edited:
            yield entry
            continue
        text = without_fillers(entry.text)
        if text:
            yield entry if text == entry.text else replace(entry, text=text)


def _one_mark(match: re.Match[str]) -> str:
    """Of marks that met, the one that ends the sentence before; none at the beginning."""
    marks = match.group()
    if match.start() == 0:
        return ""
    return marks[0] if marks[0] in _SENTENCE_MARKS else marks[-1]
