"""Subtitle cues: a line of the minutes cut into what fits on a screen, with its times."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from streamer.minutes import Line
from streamer.sinks.minutes.alignment import character_times
from streamer.types import SAMPLE_RATE

LINE_COLUMNS = 36
"""Columns of a subtitle line: 18 full-width characters."""
CUE_LINES = 2
"""Lines of a cue."""
READ_COLUMNS_S = 24
"""Columns that people read in a second: 12 full-width characters, twice as fast as most speak."""

_STRONG = frozenset("。！？；…!?;")
_WEAK = frozenset("，、：,:")
_OPENING = frozenset("（〔【《〈「『“‘([{")
_JOINER = "\u200d"
_JOINING = frozenset({"Mn", "Me", "Cf"})
_SKIN_TONES = frozenset("🏻🏼🏽🏾🏿")
_UNITS = re.compile(r"[A-Za-z0-9]+(?:[.'%:/-][A-Za-z0-9]+)*|\s+|.", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Cue:
    """What is shown at one time."""

    start_sample: int
    end_sample: int
    lines: tuple[str, ...]
    """At most ``CUE_LINES`` of at most ``LINE_COLUMNS`` columns."""


@dataclass(frozen=True, slots=True)
class _Unit:
    """Characters that stay together: a character or a word, with the punctuation around it."""

    text: str
    start: int
    """Place of its first character in the line's text."""

    @property
    def columns(self) -> int:
        return _unit_columns(self.text)


def columns(text: str) -> int:
    """Width of a text: full-width and ambiguous characters take two columns, what joins the one before it none."""
    return sum(map(_width, text))


@lru_cache(maxsize=8192)
def _unit_columns(text: str) -> int:
    return columns(text)


@lru_cache(maxsize=8192)
def _width(character: str) -> int:
    return 0 if _joins(character) else 2 if unicodedata.east_asian_width(character) in "WFA" else 1


def reading_samples(text: str) -> int:
    """How long it takes to read a text, in samples."""
    return columns(text) * SAMPLE_RATE // READ_COLUMNS_S


def cues_of(line: Line) -> list[Cue]:
    """The cues of a line, in order; their times do not overlap. Sentences begin a cue where that fits.

    Each stays until the next one, the last until the utterance ends: a token ends where its syllable is recognised,
    often before that has been spoken, and always before it has been read. What a person wrote beside what was heard
    has no time of its own: it takes some from its neighbours.
    """
    blocks = _blocks(_units(line.text))
    if not blocks:
        return []
    times = character_times(line)
    edges = [times[block[0].start][0] for block in blocks] + [max(line.end_sample, times[-1][1])]
    if line.edited:
        edges = _readable(edges, [reading_samples(_text(block)) for block in blocks])
    return [Cue(start, end, _balanced(block)) for block, start, end in zip(blocks, edges, edges[1:], strict=False)]


def _readable(edges: Sequence[int], needed: Sequence[int]) -> list[int]:
    """Begins and the last end, moved as little as gives each the samples that it needs, or its share of too few."""
    spare, whole = edges[-1] - edges[0], sum(needed)
    if spare <= whole:
        shares = itertools.accumulate(needed, initial=0)
        return [edges[0] + share * spare // max(1, whole) for share in shares]
    moved = list(edges)
    for place, least in enumerate(needed[:-1]):
        moved[place + 1] = max(moved[place + 1], moved[place] + least)
    for place in range(len(needed) - 1, 0, -1):
        moved[place] = min(moved[place], moved[place + 1] - needed[place])
    return moved


def _units(text: str) -> list[_Unit]:
    units: list[_Unit] = []
    opening = ""
    for match in _UNITS.finditer(text):
        part, start = match.group(), match.start() - len(opening)
        if part in _OPENING:
            opening += part
        elif units and not opening and not part.isspace() and not any(one.isalnum() for one in part):
            units[-1] = _Unit(units[-1].text + part, units[-1].start)
        else:
            units.append(_Unit(opening + part, start))
            opening = ""
    if opening:
        units.append(_Unit(opening, len(text) - len(opening)))
    return [piece for unit in units for piece in _narrow(unit)]


def _narrow(unit: _Unit) -> Iterable[_Unit]:
    """A unit too wide for a line, in pieces."""
    start, piece = unit.start, ""
    for shown in _shown(unit.text):
        if piece and columns(piece + shown) > LINE_COLUMNS:
            yield _Unit(piece, start)
            start, piece = start + len(piece), ""
        piece += shown
    yield _Unit(piece, start)


def _shown(text: str) -> list[str]:
    """What of a text is one character on the screen, however many it is made of."""
    found: list[str] = []
    for one in text:
        if found and (_joins(one) or found[-1].endswith(_JOINER)):
            found[-1] += one
        else:
            found.append(one)
    return found


def _joins(character: str) -> bool:
    """Whether it is shown as part of the one before it: accents, joiners, what chooses how an emoji looks."""
    return unicodedata.category(character) in _JOINING or character in _SKIN_TONES


def _blocks(units: Sequence[_Unit]) -> list[Sequence[_Unit]]:
    """What is shown together: whole sentences, then clauses, then as much as fits."""
    blocks: list[Sequence[_Unit]] = []
    for sentence in _split(units, _STRONG):
        if blocks and columns(_text([*blocks[-1], *sentence])) <= LINE_COLUMNS:
            blocks[-1] = [*blocks[-1], *sentence]
        elif _fits(sentence):
            blocks.append(sentence)
        else:
            blocks += _packed(_split(sentence, _WEAK))
    return [block for block in blocks if _text(block)]


def _packed(clauses: Iterable[Sequence[_Unit]]) -> list[Sequence[_Unit]]:
    blocks: list[Sequence[_Unit]] = []
    for clause in clauses:
        parts: Iterable[Sequence[_Unit]] = [clause] if _fits(clause) else [[unit] for unit in clause]
        for part in parts:
            if blocks and _fits([*blocks[-1], *part]):
                blocks[-1] = [*blocks[-1], *part]
            else:
                blocks.append(part)
    return blocks


def _split(units: Sequence[_Unit], marks: frozenset[str]) -> list[Sequence[_Unit]]:
    parts: list[list[_Unit]] = [[]]
    for unit in units:
        parts[-1].append(unit)
        if any(one in marks for one in unit.text):
            parts.append([])
    return [part for part in parts if part]


def _fits(units: Sequence[_Unit]) -> bool:
    return len(_wrapped(units)) <= CUE_LINES


def _wrapped(units: Sequence[_Unit]) -> list[str]:
    """Lines filled one after another."""
    lines: list[str] = []
    width = 0
    for unit in units:
        if lines and width + unit.columns <= LINE_COLUMNS:
            lines[-1] += unit.text
            width += unit.columns
        elif not unit.text.isspace():
            lines.append(unit.text)
            width = unit.columns
    return [line.strip() for line in lines]


def _balanced(units: Sequence[_Unit]) -> tuple[str, ...]:
    """One line where it fits, else two: cut at punctuation where that leaves room, as near the middle as can be."""
    if columns(_text(units)) <= LINE_COLUMNS:
        return (_text(units),)
    cuts = []
    # Without spaces, which may fall away at an end: a cut that is too wide even so needs no closer look.
    until = list(itertools.accumulate(_unit_columns(unit.text.strip()) for unit in units))
    for place in range(1, len(units)):
        if max(until[place - 1], until[-1] - until[place - 1]) > LINE_COLUMNS:
            continue
        left, right = _text(units[:place]), _text(units[place:])
        if max(columns(left), columns(right)) <= LINE_COLUMNS and left and right:
            after_mark = any(one in _STRONG | _WEAK for one in units[place - 1].text)
            cuts.append((not after_mark, abs(columns(left) - columns(right)), (left, right)))
    return min(cuts)[2] if cuts else tuple(_wrapped(units))


def _text(units: Sequence[_Unit]) -> str:
    return "".join(unit.text for unit in units).strip()
