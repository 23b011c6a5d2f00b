"""How recognised text is compared with what was said.

References are brought to what was said: brackets and marks are dropped but their words kept, tags such as ``[n]`` are
dropped, digits are read out (one or two as a number, more digit by digit, 点 for the decimal point), full-width forms
become plain ones, 〇 becomes 零. What is compared is ideographs and Latin letters, whose case does not count; an
English word counts letter by letter.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from streamer.errors import SettingsError
from streamer.text.pinyin import is_hanzi

_DIGITS = "零一二三四五六七八九"
_TAG = re.compile(r"\[[^\]]*\]")
_NUMBER = re.compile(r"(\d+)(?:\.(\d+))?")


@dataclass(frozen=True, slots=True)
class Errors:
    """What differs between references and what was recognised."""

    reference: int
    """Characters of the references."""
    substitutions: int
    deletions: int
    insertions: int

    @property
    def total(self) -> int:
        """All of them."""
        return self.substitutions + self.deletions + self.insertions

    @property
    def rate(self) -> float:
        """Errors for each character of the references; not a number where these hold none."""
        return self.total / self.reference if self.reference else float("nan")

    def __add__(self, other: Errors) -> Errors:
        return Errors(
            self.reference + other.reference,
            self.substitutions + other.substitutions,
            self.deletions + other.deletions,
            self.insertions + other.insertions,
        )


def spoken_characters(text: str) -> list[str]:
    """Ideographs and upper-case letters of a text, as spoken."""
    plain = _TAG.sub("", unicodedata.normalize("NFKC", text)).replace("〇", "零")
    plain = _NUMBER.sub(lambda match: _read_out(match[1], match[2]), plain)
    return [
        character.upper() for character in plain if is_hanzi(character) or (character.isascii() and character.isalpha())
    ]


def compare(reference: Sequence[str], recognised: Sequence[str]) -> Errors:
    """Errors of one utterance or file, token by token."""
    if not reference:
        return Errors(0, 0, 0, len(recognised))
    import jiwer  # noqa: PLC0415 - a quarter of a second, for those who score only

    measured = jiwer.process_words(" ".join(reference), " ".join(recognised))
    return Errors(len(reference), measured.substitutions, measured.deletions, measured.insertions)


def sum_errors(errors: Iterable[Errors]) -> Errors:
    """Errors of several files together."""
    return sum(errors, start=Errors(0, 0, 0, 0))


def read_references(path: Path) -> dict[str, str]:
    """Texts by file, from a table with tabs: the file first, its text last. A first line ``file…text`` is a heading.

    Raises:
        SettingsError: the table cannot be read, has a line without a tab, or names a file twice.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except OSError as error:
        raise SettingsError(f"cannot read the references {path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        bad_line = error.object.count(b"\n", 0, error.start) + 1
        raise SettingsError(f"references {path}, line {bad_line}: not UTF-8 (save the table as UTF-8)") from error
    references: dict[str, str] = {}
    for number, line in enumerate(lines, start=1):
        cells = line.split("\t")
        if not line.strip() or (number == 1 and cells[0] == "file" and cells[-1] == "text"):
            continue
        if len(cells) < 2:
            raise SettingsError(f"{path}, line {number}: expected FILE<tab>TEXT or FILE<tab>SECONDS<tab>TEXT: {line!r}")
        if cells[0] in references:
            raise SettingsError(f"{path}, line {number}: {cells[0]} is there twice")
        references[cells[0]] = cells[-1]
    return references


def reference_of(file: PurePath, references: Mapping[str, str]) -> str | None:
    """The text of a file: by its path as given, by its name, or by its name without the ending."""
    return next((references[key] for key in (file.as_posix(), file.name, file.stem) if key in references), None)


def _read_out(whole: str, fraction: str | None) -> str:
    spoken = _read_small(int(whole)) if len(whole) <= 2 else _read_digits(whole)
    return spoken if fraction is None else f"{spoken}点{_read_digits(fraction)}"


def _read_small(number: int) -> str:
    if number < 10:
        return _DIGITS[number]
    tens, ones = divmod(number, 10)
    return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")


def _read_digits(digits: str) -> str:
    return "".join(_DIGITS[int(digit)] for digit in digits)
