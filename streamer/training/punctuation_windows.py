"""Windows of punctuated text, as the punctuation model sees them: misheard here and there, with simulated pauses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.training.language_corpus import LanguageCorpus
from streamer.training.language_settings import LanguageSettings
from streamer.training.language_spans import IGNORED, PADDING, EncodedText, Ids
from streamer.training.pauses import SENTENCE_MARKS, simulated_pauses
from streamer.training.punctuation_model import STYLES

_WIDTHS: Final = (24, 48, 96, 136)
"""Characters in a window: few, because on a CPU every new shape of a matrix costs the making of a kernel for it."""
_UNKNOWN: Final = 0
_UNKNOWN_SHARE: Final = 0.02
_MISHEARD_WINDOWS: Final = 0.3
_MISHEARD_SHARE: Final = 0.15


@dataclass(frozen=True, slots=True)
class PunctuationBatch:
    """Windows of text."""

    characters: Ids
    """(windows, longest) language ids, ``PADDING`` after the end."""
    pauses: npt.NDArray[np.float32]
    """(windows, longest) seconds of silence after each character; all 0 where not known."""
    marks: Ids
    """(windows, longest) index into ``MARKS``, ``IGNORED`` where not scored."""
    styles: Ids
    """(windows,) index into ``STYLES``."""


class Homophones:
    """Other characters of the same toned syllable, as often as the text has them: what is written for a misheard word.

    A drawn character may be the same one again.
    """

    def __init__(self, text: EncodedText) -> None:
        order = np.argsort(text.syllables, kind="stable")
        self._characters = text.characters[order].astype(np.int64)
        syllables = text.syllables[order]
        self._first = np.searchsorted(syllables, syllables, side="left")[np.argsort(order, kind="stable")]
        self._last = np.searchsorted(syllables, syllables, side="right")[np.argsort(order, kind="stable")]

    def draw(self, part: slice, random: np.random.Generator) -> Ids:
        """A character for each place of a part of the text."""
        low, high = self._first[part], self._last[part]
        drawn: Ids = self._characters[low + (random.random(len(low)) * (high - low)).astype(np.int64)]
        return drawn


def windows(
    settings: LanguageSettings, corpus: LanguageCorpus, random: np.random.Generator, step: int = 0
) -> Iterator[PunctuationBatch]:
    """Random windows of the punctuated corpora, without end; from step to step more of them are of meetings."""
    training = settings.punctuation_training
    chosen = {entry.name: entry for entry in settings.corpora if entry.punctuated}
    names = list(chosen)
    weights = np.array([len(corpus.training[name].marks) * chosen[name].punctuation_weight for name in names])
    other = np.array([chosen[name].layout != "meetings" for name in names])
    styles = {name: _style(entry.layout, name) for name, entry in chosen.items()}
    labels = {name: mark_labels(corpus.training[name]) for name in names}
    starts = {name: _sentence_starts(corpus.training[name]) for name in names}
    homophones = {name: Homophones(corpus.training[name]) for name in names}
    while True:
        longest = int(random.choice(_WIDTHS))
        count = max(1, training.tokens_per_batch // longest)
        chances = weights * (1 - training.meetings_last * other * min(1.0, step / max(1, training.steps)))
        drawn = [names[index] for index in random.choice(len(names), count, p=chances / chances.sum())]
        step += 1
        batch = PunctuationBatch(
            np.full((count, longest), PADDING, np.int64), np.zeros((count, longest), np.float32),
            np.full((count, longest), IGNORED, np.int64), np.array([styles[name] for name in drawn], np.int64),
        )  # fmt: skip
        for row, name in enumerate(drawn):
            part = _window(starts[name], len(labels[name]), longest, random)
            size = part.stop - part.start
            batch.characters[row, :size] = _heard(corpus.training[name], homophones, name, part, random)
            batch.marks[row, :size] = labels[name][part]
            if random.random() < 0.5:
                batch.pauses[row, :size] = simulated_pauses(batch.marks[row, :size], random)
        unknown = (random.random(batch.characters.shape) < _UNKNOWN_SHARE) & (batch.characters >= 0)
        batch.characters[unknown] = _UNKNOWN
        yield batch


def mark_labels(text: EncodedText) -> Ids:
    """Marks as labels; the end of a passage without a mark is not scored."""
    labels = text.marks.astype(np.int64)
    ends = text.starts[1:] - 1
    labels[ends[labels[ends] == 0]] = IGNORED
    return labels


def _heard(
    text: EncodedText, homophones: Mapping[str, Homophones], name: str, part: slice, random: np.random.Generator
) -> Ids:
    characters = text.characters[part].astype(np.int64)
    if random.random() >= _MISHEARD_WINDOWS:
        return characters
    misheard = random.random(len(characters)) < _MISHEARD_SHARE
    return np.where(misheard, homophones[name].draw(part, random), characters)


def _style(layout: str, name: str) -> int:
    return STYLES.index("meetings" if layout == "meetings" else "dialogues" if name == "dialogues" else "written")


def _sentence_starts(text: EncodedText) -> Ids:
    after_marks = np.flatnonzero(np.isin(text.marks, SENTENCE_MARKS)) + 1
    return np.union1d(text.starts[:-1], after_marks[after_marks < len(text.marks)])


def _window(starts: Ids, size: int, longest: int, random: np.random.Generator) -> slice:
    first = int(starts[random.integers(len(starts))]) if random.random() < 0.6 else int(random.integers(size))
    last = min(first + longest, size)
    if random.random() < 0.4:
        index = int(np.searchsorted(starts, last, side="right")) - 1
        last = int(starts[index]) if starts[index] > first else last
    return slice(first, last)
