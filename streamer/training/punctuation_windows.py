"""Windows of text, as the punctuation model sees them: misheard here and there, with simulated pauses.

They are drawn where the model computes, all windows of a batch at once.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from streamer.text.punctuation import ENDING_PAUSE_S
from streamer.training.homophones import Homophones
from streamer.training.language_corpus import LanguageCorpus
from streamer.training.language_settings import LanguageSettings
from streamer.training.language_spans import IGNORED, PADDING, EncodedText, Ids
from streamer.training.pauses import PAUSE_CHANCES, PAUSE_SPREAD, SENTENCE_MARKS, TYPICAL_PAUSES
from streamer.training.punctuation_model import STYLES
from streamer.training.text_corpus import Corpus

Shares = npt.NDArray[np.float64]

_SHORTEST_UTTERANCE: Final = 6
"""Characters before a pause can end a window as an utterance."""
_WIDTHS: Final = (24, 48, 96, 136)
"""Characters in a window: few, because on a CPU every new shape of a matrix costs the making of a kernel for it."""
_UNKNOWN: Final = 0
_MISHEARD_WINDOWS: Final = 0.3
_MISHEARD_SHARE: Final = 0.15
_PAUSED_WINDOWS: Final = 0.5
_FROM_START: Final = 0.6
"""Share of windows that begin with a sentence, not anywhere."""
_TO_END: Final = 0.4
"""Share of windows that end with a sentence, if one ends in them."""


@dataclass(frozen=True, slots=True)
class PunctuationBatch:
    """Windows of text, beside the model."""

    characters: Tensor
    """(windows, longest) language ids, ``PADDING`` after the end."""
    pauses: Tensor
    """(windows, longest) seconds of silence after each character; all 0 where not known."""
    marks: Tensor
    """(windows, longest) index into ``MARKS``, ``IGNORED`` where not scored."""
    styles: Tensor
    """(windows,) index into ``STYLES``."""
    unmarked: Tensor
    """(windows,) whether the text has no marks of its own."""
    ends: Tensor
    """(windows, longest) whether an utterance ends here by silence: the pause is as long as it is known to be then."""


class Windows:
    """Random windows of the corpora; from step to step more of them are of meetings."""

    def __init__(
        self, settings: LanguageSettings, corpus: LanguageCorpus, *, step: int = 0, unmarked: bool = False
    ) -> None:
        """Put the texts beside the model.

        Args:
            settings: corpora, shares, seed and device.
            corpus: their texts.
            step: what is drawn is a function of the seed and of this step.
            unmarked: whether texts without marks are drawn, too, which only a teacher can judge.
        """
        entries = [entry for entry in settings.corpora if entry.punctuated or (unmarked and entry.taught)]
        texts = [corpus.training[entry.name] for entry in entries]
        ends = np.cumsum([0, *(len(text.marks) for text in texts)])
        starts = [_sentence_starts(text) + begin for text, begin in zip(texts, ends[:-1], strict=True)]
        counts = np.cumsum([0, *map(len, starts)])
        labels = [
            mark_labels(text) if entry.punctuated else np.full(len(text.marks), IGNORED)
            for entry, text in zip(entries, texts, strict=True)
        ]
        self._device, self._lessons = settings.device, settings.punctuation_lessons
        self._weights = np.array([len(t.marks) * e.punctuation_weight for e, t in zip(entries, texts, strict=True)])
        self._of_meetings = np.array([entry.layout == "meetings" for entry in entries])
        self._texts, self._ranges = self._put(ends), self._put(counts)
        self._starts = self._put(np.concatenate(starts))
        self._characters = self._put(np.concatenate([text.characters for text in texts]))
        self._labels = self._put(np.concatenate(labels).astype(np.int16))
        self._homophones = Homophones(texts, settings.device)
        self._styles = self._put(np.array([_style(entry) for entry in entries]))
        self._unmarked = self._put(np.array([not entry.punctuated for entry in entries]))
        self._chances, self._typical = self._put(PAUSE_CHANCES), self._put(np.log(TYPICAL_PAUSES))
        self._numbers = np.random.default_rng((settings.seed, step))
        self._random = torch.Generator(settings.device).manual_seed(int(self._numbers.integers(1 << 62)))

    def draw(self, tokens: int, progress: float) -> PunctuationBatch:
        """A batch.

        Args:
            tokens: characters in it, padding included.
            progress: share of the steps that were made.
        """
        longest = int(self._numbers.choice(_WIDTHS))
        count = max(1, tokens // longest)
        chances = corpus_chances(self._weights, self._of_meetings, self._lessons.meetings(progress))
        which = choose(self._put(chances), self._uniform(count).double())
        first, last = self._ends(which, longest)
        places = first[:, None] + torch.arange(longest, device=self._device)
        present = places < last[:, None]
        places = places.clamp(max=len(self._characters) - 1)
        marks = torch.where(present, self._labels[places].long(), IGNORED)
        unmarked = self._unmarked[which]
        pauses = self._pauses(marks) * (present & ~unmarked[:, None])
        characters = torch.where(present, self._heard(places), PADDING)
        nowhere = torch.zeros_like(present)
        batch = PunctuationBatch(characters, pauses, marks, self._styles[which], unmarked, nowhere)
        return ended(batch, self._uniform(count) < self._lessons.ended_share, self._uniform(count))

    def _ends(self, which: Tensor, longest: int) -> tuple[Tensor, Tensor]:
        """Where windows of texts begin and end, (windows,) each."""
        begin, end = self._texts[which], self._texts[which + 1]
        low, high = self._ranges[which], self._ranges[which + 1]
        kind, start, snap = self._uniform(3, len(which))
        at_sentence = self._starts[low + torch.minimum((start * (high - low)).long(), high - low - 1)]
        anywhere = begin + torch.minimum((start * (end - begin)).long(), end - begin - 1)
        first = torch.where(kind < _FROM_START, at_sentence, anywhere)
        last = torch.minimum(first + longest, end)
        snapped = self._starts[torch.searchsorted(self._starts, last, right=True) - 1]
        return first, torch.where((snap < _TO_END) & (snapped > first), snapped, last)

    def _heard(self, places: Tensor) -> Tensor:
        misheard = self._uniform(len(places), 1) < _MISHEARD_WINDOWS
        misheard = misheard & (self._uniform(*places.shape) < _MISHEARD_SHARE)
        drawn = self._homophones.draw(places, self._uniform(*places.shape))
        characters = torch.where(misheard, drawn, self._characters[places].long())
        return torch.where(self._uniform(*places.shape) < self._lessons.unknown_share, _UNKNOWN, characters)

    def _pauses(self, marks: Tensor) -> Tensor:
        """:func:`streamer.training.pauses.simulated_pauses` in some of the windows, none in the others."""
        classes = marks.clamp(min=0)
        silent = (self._uniform(*marks.shape) < self._chances[classes]) & (
            self._uniform(len(marks), 1) < _PAUSED_WINDOWS
        )
        normal = torch.randn(marks.shape, generator=self._random, device=self._device)
        return torch.exp(self._typical[classes] + PAUSE_SPREAD * normal).float() * silent

    def _uniform(self, *shape: int) -> Tensor:
        return torch.rand(shape, generator=self._random, device=self._device)

    def _put(self, array: npt.NDArray[np.generic]) -> Tensor:
        return torch.from_numpy(array).to(self._device)


def ended(batch: PunctuationBatch, wanted: Tensor, uniform: Tensor) -> PunctuationBatch:
    """The batch with some windows ending with a long pause, as utterances do: what follows is not known then.

    Args:
        batch: windows that end anywhere.
        wanted: (windows,) which ones, if they have such a pause.
        uniform: (windows,) random numbers below 1: the pause is the first one in what is left after that share.
    """
    count = batch.characters.shape[1]
    places = torch.arange(count, device=wanted.device)
    first = (uniform * count).long().clamp(min=_SHORTEST_UTTERANCE - 1)
    may_end = (batch.pauses >= ENDING_PAUSE_S) & (places >= first[:, None]) & wanted[:, None]
    end = torch.where(may_end, places, count).amin(1, keepdim=True)
    ends, beyond = places == end, places > end
    return replace(
        batch,
        characters=torch.where(beyond, PADDING, batch.characters),
        pauses=torch.where(ends, ENDING_PAUSE_S, batch.pauses * ~beyond),
        marks=torch.where(beyond, IGNORED, batch.marks),
        ends=ends,
    )


def corpus_chances(weights: Shares, of_meetings: npt.NDArray[np.bool_], share: float) -> Shares:
    """Chance of each corpus, (corpora,): in proportion to the weights within the meetings and within the others.

    Args:
        weights: (corpora,) of each.
        of_meetings: (corpora,) whether it is one of meetings.
        share: of the meetings; without meaning where there are none, or nothing else.
    """
    if of_meetings.all() or not of_meetings.any():
        alone: Shares = weights / weights.sum()
        return alone
    parts = np.where(of_meetings, share, 1 - share)
    sums = np.where(of_meetings, weights[of_meetings].sum(), weights[~of_meetings].sum())
    chances: Shares = parts * weights / sums
    return chances


def choose(chances: Tensor, uniform: Tensor) -> Tensor:
    """Indices, drawn with their chances.

    Args:
        chances: (k,) that add up to 1.
        uniform: (n,) random numbers below 1.
    """
    return torch.searchsorted(chances.cumsum(0), uniform, right=True).clamp(max=len(chances) - 1)


def mark_labels(text: EncodedText) -> Ids:
    """Marks as labels; the end of a passage without a mark is not scored."""
    labels = text.marks.astype(np.int64)
    ends = text.starts[1:] - 1
    labels[ends[labels[ends] == 0]] = IGNORED
    return labels


def _style(entry: Corpus) -> int:
    # What has no marks is judged by its teacher, in the style in use.
    if entry.layout == "meetings" or not entry.punctuated:
        return STYLES.index("meetings")
    return STYLES.index("dialogues" if entry.name == "dialogues" else "written")


def _sentence_starts(text: EncodedText) -> Ids:
    after_marks = np.flatnonzero(np.isin(text.marks, SENTENCE_MARKS)) + 1
    return np.union1d(text.starts[:-1], after_marks[after_marks < len(text.marks)])
