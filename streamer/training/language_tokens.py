"""The token tables of the language stage: which characters it can write, and how each is read.

``lm_tokens.txt``: one token a line, ids from 1: ``<S>``, ``</S>``, characters by frequency, then the letters A–Z (the
start is not called ``S`` as in the model contract, because that is the letter).
``readings.tsv``: a character, then its readings in the project's spelling, the most frequent first; after those of the
token table all others that pypinyin's dictionary knows, for hotwords: names are where rare characters are.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from streamer.errors import MissingDependencyError, SettingsError
from streamer.system.installation import install_command
from streamer.text.pinyin import LETTERS, canonical, is_hanzi
from streamer.training.text_corpus import Passage

START: Final = "<S>"
"""First token of every output; id 1."""
END: Final = "</S>"
"""Every token after the last character; id 2."""

START_ID: Final = 1
END_ID: Final = 2
FIRST_CHARACTER_ID: Final = 3

_RARE_READING: Final = 0.002
_IDEOGRAPHS: Final = (range(0x4E00, 0x9FA6), range(0x3400, 0x4DB6))
"""Those of Unicode 3.0: all that GBK has, and extension A, of which names have some."""


@dataclass(frozen=True, slots=True)
class ReadingCounts:
    """What a corpus says about characters and how they are read."""

    characters: Counter[str]
    """How often each character occurs."""
    readings: Counter[tuple[str, str]]
    """How often each (character, syllable) occurs."""

    @classmethod
    def of(cls, passages: Iterable[Passage]) -> ReadingCounts:
        """Count passages."""
        counts = cls(Counter(), Counter())
        for passage in passages:
            counts.characters.update(passage.characters)
            counts.readings.update(zip(passage.characters, passage.syllables, strict=True))
        return counts


def choose_characters(
    counts: Mapping[str, int], words: Mapping[str, int], *, most: int, least_count: int = 2
) -> list[str]:
    """The characters of the table by frequency: those of the texts, filled up with those of the most frequent words.

    Args:
        counts: occurrences of characters in the texts.
        words: a dictionary's words with their frequencies.
        most: size of the table without start, end and letters.
        least_count: rarer characters of the texts compete with those of the dictionary.
    """
    in_words: Counter[str] = Counter()
    for word, frequency in words.items():
        for character in word:
            in_words[character] += frequency
    frequent = [item for item in counts.items() if is_hanzi(item[0]) and item[1] >= least_count]
    chosen = [character for character, _ in sorted(frequent, key=lambda item: (-item[1], item[0]))][:most]
    known = set(chosen)
    others = [
        (character, counts.get(character, 0), count) for character, count in in_words.items() if is_hanzi(character)
    ]
    others.sort(key=lambda item: (-item[1], -item[2], item[0]))
    chosen.extend([character for character, _, _ in others if character not in known][: max(0, most - len(chosen))])
    return chosen


def write_token_table(path: Path, characters: Sequence[str]) -> None:
    """Write ``lm_tokens.txt``."""
    header = "# Language tokens: <S>, </S>, characters by frequency, Latin letters. Id = position from 1."
    path.write_text("\n".join([header, START, END, *characters, *LETTERS]) + "\n", encoding="utf-8")


def read_token_table(path: Path) -> list[str]:
    """The tokens of a table file in order; ``#`` lines and blank lines are skipped.

    Raises:
        SettingsError: the file cannot be read or is empty.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise SettingsError(f"token table {path} cannot be read: {error}") from error
    tokens = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not tokens:
        raise SettingsError(f"token table {path} holds no token: expected one token a line")
    return tokens


def readings_of(character: str, counts: Mapping[tuple[str, str], int], syllables: Sequence[str]) -> list[str]:
    """The readings of a character, most frequent first: those seen in texts, then those of pypinyin's dictionary.

    Args:
        character: an ideograph, or a Latin letter, which reads as itself.
        counts: occurrences of (character, syllable).
        syllables: the acoustic token table; other readings are left out.
    """
    if character in LETTERS:
        return [character]
    try:
        from pypinyin import Style, pinyin  # noqa: PLC0415 - needed by training only
    except ImportError as error:
        raise MissingDependencyError(f"pypinyin is not installed: {install_command('train')}") from error
    found = pinyin(character, style=Style.TONE3, heteronym=True, neutral_tone_with_five=True)[0]
    dictionary = [canonical(reading) for reading in found if _is_syllable(reading)]
    order = {reading: rank for rank, reading in reversed(list(enumerate(dictionary)))}
    seen = {syllable: counts.get((character, syllable), 0) for syllable in syllables}
    total = sum(seen.values())
    kept = {reading for reading, count in seen.items() if count > _RARE_READING * total} | set(order)
    known = set(syllables)
    return sorted(kept & known, key=lambda reading: (-seen.get(reading, 0), order.get(reading, len(order)), reading))


def readings_of_others(characters: Iterable[str], syllables: Sequence[str]) -> dict[str, list[str]]:
    """The readings of the ideographs that are not among some characters."""
    known = set(characters)
    others = [chr(code) for codes in _IDEOGRAPHS for code in codes if chr(code) not in known]
    return {character: readings_of(character, {}, syllables) for character in others}


def write_readings(path: Path, readings: Mapping[str, Sequence[str]]) -> None:
    """Write ``readings.tsv``; characters without a reading are left out."""
    header = "# Character, then its readings (streamer.text.pinyin), the most frequent first."
    lines = ["\t".join([character, *spellings]) for character, spellings in readings.items() if spellings]
    path.write_text("\n".join([header, *lines]) + "\n", encoding="utf-8")


def read_readings(path: Path) -> dict[str, list[str]]:
    """The table written by :func:`write_readings`."""
    return {line.split("\t")[0]: line.split("\t")[1:] for line in read_token_table(path)}


def dictionary_words(path: Path | None = None) -> dict[str, int]:
    """Words with their frequencies; only words of ideographs.

    Args:
        path: lines of word, frequency, part of speech, separated by spaces; None: jieba's dictionary (MIT).

    Raises:
        MissingDependencyError: jieba (extra ``train``) is not installed.
    """
    if path is None:
        try:
            import jieba  # noqa: PLC0415 - needed by training only
        except ImportError as error:
            raise MissingDependencyError(f"jieba is not installed: {install_command('train')}") from error
        path = Path(jieba.__file__).with_name("dict.txt")
    words: dict[str, int] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        word, frequency, *_ = line.split(" ")
        if all(map(is_hanzi, word)):
            words[word] = int(frequency)
    return words


def _is_syllable(reading: str) -> bool:
    try:
        canonical(reading)
    except ValueError:
        return False
    return True
