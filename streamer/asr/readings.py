"""The pack's reading table: how characters are pronounced, without pypinyin on the live path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from streamer.asr.text_tables import entries
from streamer.errors import PackError

_MOST_READINGS = 6
_DIGITS = dict(zip("0123456789", ("零", "一幺", "二两", *"三四五六七八九"), strict=True))
"""As what they are read, one by one: 5G, 12306."""


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """Toned pinyin of characters, the most frequent reading first."""

    readings: dict[str, tuple[str, ...]]
    """By character."""

    def spell(self, text: str) -> list[tuple[str, ...]]:
        """How a word may be pronounced: syllables and upper-case letters, at most six ways, the likeliest first.

        Those are the usual reading of every character, and the ways in which one character has another reading; digits
        are read one by one. Spaces and marks are skipped. Empty where a character has no known reading, or there is
        nothing to pronounce.
        """
        each: list[tuple[str, ...]] = []
        for character in text:
            if character.isascii() and character.isalpha():
                each.append((character.upper(),))
            elif character in self.readings:
                each.append(self.readings[character])
            elif read := [self.readings[one][0] for one in _DIGITS.get(character, "") if one in self.readings]:
                each.append(tuple(read))
            elif character.isalnum():
                return []
        if not each:
            return []
        usual = tuple(readings[0] for readings in each)
        others = sorted((rank, place) for place, readings in enumerate(each) for rank in range(1, len(readings)))
        others = others[: _MOST_READINGS - 1]
        return [usual] + [(*usual[:place], each[place][rank], *usual[place + 1 :]) for rank, place in others]


def read_readings(path: Path) -> ReadingTable:
    """Read a reading table: UTF-8, a character and its readings a line, separated by tabs; ``#`` lines are skipped.

    Raises:
        PackError: the file is missing, not UTF-8, or a line has no reading.
    """
    readings: dict[str, tuple[str, ...]] = {}
    for number, line in entries(path, "reading table"):
        character, *spoken = line.split("\t")
        if len(character) != 1 or not spoken:
            raise PackError(
                f"reading table {path}, line {number}: expected a character and its readings separated by tabs, "
                f"got {line!r}"
            )
        readings[character] = tuple(spoken)
    return ReadingTable(readings)
