"""The acoustic token inventory: every toned syllable that the text corpora and the recordings contain, then letters."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from streamer.errors import SettingsError
from streamer.text.pinyin import LETTERS, canonical, spell
from streamer.training.recordings_table import read_table

_READABLE = re.compile(r"[^\u4e00-\u9fffA-Za-z]+")


def syllables_of_lines(lines: Iterable[str]) -> set[str]:
    """Toned syllables in lines of text; characters that pypinyin cannot read are left out."""
    found: set[str] = set()
    for line in lines:
        for run in _READABLE.split(line):
            try:
                found.update(spell(run))
            except ValueError:
                found.update(_readable_syllables(run))
    return found - set(LETTERS)


def syllables_of_table(path: Path) -> set[str]:
    """Toned syllables of a recordings table (file, seconds, text) whose text is hanzi or one syllable."""
    texts = [row.text for row in read_table(path)]
    spelled = {canonical(text) for text in texts if text.isascii() and re.fullmatch(r"[a-z:]+[0-5]", text)}
    return spelled | syllables_of_lines(text for text in texts if not text.isascii())


def token_table(corpora: Iterable[Path], recordings: Iterable[Path]) -> list[str]:
    """The table's tokens in the order of their ids: syllables sorted, then the letters A to Z."""
    found: set[str] = set()
    for corpus in corpora:
        found |= syllables_of_lines(corpus.read_text(encoding="utf-8").splitlines())
    for table in recordings:
        found |= syllables_of_table(table)
    return [*sorted(found), *LETTERS]


def write_token_table(path: Path, tokens: list[str], *, replaces: bool = True) -> None:
    """Write a token table: one token a line, the id of a token is its line (comments skipped).

    Args:
        path: of the table.
        tokens: in the order of their ids.
        replaces: whether a table of other tokens may be there.

    Raises:
        SettingsError: one is there and may not be replaced.
    """
    if not replaces and path.exists() and (before := read_token_table(path)) != tokens:
        raise SettingsError(
            f"{path} holds another table, of {len(before)} tokens (found now: {len(tokens)}), and models give the "
            "numbers of theirs; name another file as `tokens` of [paths], or have it replaced by --replace"
        )
    heading = "# Acoustic tokens: toned pinyin, then Latin letters. Id = position from 0; the blank follows.\n"
    path.write_text(heading + "".join(f"{token}\n" for token in tokens), encoding="utf-8")


def read_token_table(path: Path) -> list[str]:
    """Tokens of a table in the order of their ids; ``#`` lines and blank lines are skipped."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


def _readable_syllables(run: str) -> set[str]:
    found: set[str] = set()
    for character in run:
        try:
            found.update(spell(character))
        except ValueError:
            continue
    return found
