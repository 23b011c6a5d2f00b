"""Texts as ids, and the spans and batches that the language stage is trained on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.training.confusions import Confusions
from streamer.training.language_settings import NoiseSettings
from streamer.training.spoken_form import MARKS
from streamer.training.text_corpus import Passage

Ids = npt.NDArray[np.int64]

PADDING: Final = -1
"""Syllable id where nothing is, as in the model contract."""
IGNORED: Final = -100
"""Character id whose output is not scored."""
LONGEST_SPAN: Final = 100
"""Syllables; an utterance of 10 s has 30 to 90."""
_LONGEST_CONTEXT: Final = 60
_WIDTHS: Final = (8, 16, 24, 32, 40, 56, 72, 100, 160, 1024)


@dataclass(frozen=True, slots=True)
class Tables:
    """The two token tables, inverted."""

    syllables: Mapping[str, int]
    """Acoustic token → id from 0."""
    characters: Mapping[str, int]
    """Language token → id from 1."""

    @classmethod
    def of(cls, acoustic: Sequence[str], language: Sequence[str]) -> Tables:
        """From the tokens of the two tables in order."""
        characters = {token: index for index, token in enumerate(language, start=1)}
        return cls({token: index for index, token in enumerate(acoustic)}, characters)


@dataclass(frozen=True, slots=True)
class EncodedText:
    """Passages as ids, one after the other."""

    syllables: npt.NDArray[np.int16]
    """(n,) acoustic ids."""
    characters: npt.NDArray[np.int16]
    """(n,) language ids."""
    marks: npt.NDArray[np.int8]
    """(n,) index into ``MARKS`` of the mark after each character."""
    starts: npt.NDArray[np.int64]
    """(passages + 1,) where each passage begins; the last is n."""
    turns: npt.NDArray[np.int64]
    """(passages,) number of the speaker's turn or line."""

    @classmethod
    def of(cls, passages: Iterable[Passage], tables: Tables) -> EncodedText:
        """Encode passages; one is cut in two where a token is missing from the tables."""
        syllables: list[int] = []
        characters: list[int] = []
        marks: list[int] = []
        starts: list[int] = []
        turns: list[int] = []
        mark_ids = {mark: index for index, mark in enumerate(MARKS)}
        for passage in passages:
            fresh = True
            for character, syllable, mark in zip(passage.characters, passage.syllables, passage.marks, strict=True):
                ids = tables.syllables.get(syllable), tables.characters.get(character)
                if ids[0] is None or ids[1] is None:
                    fresh = True
                    continue
                if fresh:
                    starts.append(len(syllables))
                    turns.append(passage.turn)
                    fresh = False
                syllables.append(ids[0])
                characters.append(ids[1])
                marks.append(mark_ids[mark])
        return cls(
            np.array(syllables, np.int16), np.array(characters, np.int16), np.array(marks, np.int8),
            np.array([*starts, len(syllables)], np.int64), np.array(turns, np.int64),
        )  # fmt: skip

    def __len__(self) -> int:
        """Number of passages."""
        return len(self.starts) - 1

    def passage(self, index: int) -> tuple[Ids, Ids]:
        """Syllable and character ids of one passage."""
        part = slice(self.starts[index], self.starts[index + 1])
        return self.syllables[part].astype(np.int64), self.characters[part].astype(np.int64)


@dataclass(frozen=True, slots=True)
class Batch:
    """Spans of similar length."""

    syllables: Ids
    """(spans, longest) acoustic ids, possibly wrong; ``PADDING`` after the end."""
    characters: Ids
    """(spans, longest) language ids; ``IGNORED`` where not scored."""


def cut_spans(text: EncodedText, random: np.random.Generator) -> list[tuple[int, int]]:
    """Cut every passage into spans of random length, mostly at marks: (start, end) in ``text.syllables``."""
    spans: list[tuple[int, int]] = []
    draws = iter(random.random((2 * len(text.syllables) // 3 + 4 * len(text) + 16, 3)))
    for index in range(len(text)):
        start, stop = int(text.starts[index]), int(text.starts[index + 1])
        while start < stop:
            kind, size, snap = next(draws)
            low, high = (3, 10) if kind < 0.2 else (10, 30) if kind < 0.65 else (30, 75)
            end = min(start + low + int(size * (high - low)), stop)
            if snap < 0.7 and end < stop:
                marked = np.flatnonzero(text.marks[start + 2 : min(end + 8, stop)])
                end = start + 3 + int(marked[-1]) if len(marked) else end
            spans.append((start, min(end, start + LONGEST_SPAN)))
            start = spans[-1][1]
    return spans


def with_context(spans: Sequence[tuple[int, int]], share: float, random: np.random.Generator) -> list[tuple[int, int]]:
    """Let a share of the spans begin earlier, by up to 60 syllables of the passages before: (start, end).

    In a meeting the language stage sees what was said before; in lists of sentences it learns that this may not help.
    No span becomes longer than ``LONGEST_SPAN``.
    """
    draws = random.random((len(spans), 2))
    earlier = np.where(draws[:, 0] < share, 1 + (draws[:, 1] * _LONGEST_CONTEXT).astype(np.int64), 0)
    return [
        (max(0, start - max(0, min(int(more), LONGEST_SPAN - (end - start)))), end)
        for (start, end), more in zip(spans, earlier, strict=True)
    ]


@dataclass(frozen=True, slots=True)
class WordSampler:
    """Random sequences of dictionary words, so that rare words and names are seen."""

    words: EncodedText
    """One passage per word."""
    cumulative: npt.NDArray[np.float64]
    """(words,) running sum of the chances."""

    def draw(self, random: np.random.Generator) -> tuple[Ids, Ids]:
        """One sequence of one to eight words."""
        chosen = np.searchsorted(self.cumulative, random.random(int(random.integers(1, 9))))
        pairs = [self.words.passage(int(index)) for index in chosen]
        return np.concatenate([pair[0] for pair in pairs]), np.concatenate([pair[1] for pair in pairs])


class NoiseMaker:
    """Turns clean spans into what the acoustic stage might have heard."""

    def __init__(self, settings: NoiseSettings, confusions: Confusions, readings: Ids) -> None:
        """Use these rates.

        Args:
            settings: rates.
            confusions: which syllable is heard as which.
            readings: (language table, k) acoustic ids of each character's readings by id, the first one repeated to
                fill up.
        """
        self._settings = settings
        self._confusions = confusions
        self._readings = readings

    def apply(self, syllables: Ids, characters: Ids, random: np.random.Generator) -> tuple[Ids, Ids]:
        """One span as heard, with the characters still to be written (``IGNORED`` at insertions)."""
        settings = self._settings
        choices = self._readings.shape[1]
        other = random.random(len(syllables)) < settings.other_reading
        picked = self._readings[characters, random.integers(0, choices, len(syllables))]
        syllables = np.where(other & (picked >= 0), picked, syllables)
        if random.random() < settings.clean_share:
            return syllables, characters
        kept = random.random(len(syllables)) >= settings.deletion
        if kept.any():
            syllables, characters = syllables[kept], characters[kept]
        syllables = self._confusions.corrupt(syllables, random.random() * settings.most, random)
        where = np.flatnonzero(random.random(len(syllables)) < settings.insertion)
        if len(where):
            strangers = random.integers(0, len(self._confusions.probabilities), len(where))
            syllables, characters = np.insert(syllables, where, strangers), np.insert(characters, where, IGNORED)
        return syllables, characters


def reading_table(readings: Mapping[str, Sequence[str]], tables: Tables, *, most: int = 4) -> Ids:
    """(language ids, most) acoustic ids of the readings of each character; −1 for tokens without any."""
    table = np.full((max(tables.characters.values()) + 1, most), PADDING, np.int64)
    for character, spellings in readings.items():
        known = [tables.syllables[spelling] for spelling in spellings if spelling in tables.syllables][:most]
        if character in tables.characters and known:
            table[tables.characters[character]] = [known[min(column, len(known) - 1)] for column in range(most)]
    return table


def make_batches(spans: Sequence[tuple[Ids, Ids]], tokens: int, random: np.random.Generator) -> Iterator[Batch]:
    """Pad spans of similar length together, about ``tokens`` ids a batch, in random order.

    Few shapes occur: on a CPU every new shape of a matrix costs the making of a kernel for it.
    """
    groups: dict[int, list[int]] = {width: [] for width in _WIDTHS}
    for index in random.permutation(len(spans)):
        groups[next(width for width in _WIDTHS if width >= len(spans[index][0]))].append(int(index))
    batches = [
        (width, group[start : start + max(1, tokens // width)])
        for width, group in groups.items()
        for start in range(0, len(group), max(1, tokens // width))
    ]
    for index in random.permutation(len(batches)):
        width, group = batches[index]
        yield pad([spans[member] for member in group], rows=max(1, tokens // width), width=width)


def pad(spans: Sequence[tuple[Ids, Ids]], *, rows: int | None = None, width: int | None = None) -> Batch:
    """Stack spans into arrays of at least the given size; what is left over is padding."""
    shape = rows or len(spans), width or max(len(syllables) for syllables, _ in spans)
    batch = Batch(np.full(shape, PADDING, np.int64), np.full(shape, IGNORED, np.int64))
    for row, (syllables, characters) in enumerate(spans):
        batch.syllables[row, : len(syllables)] = syllables
        batch.characters[row, : len(characters)] = characters
    return batch
