"""The written form of captions: marks from the pack's model, numbers at the final."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median
from typing import Final

from streamer.settings.text import TextSettings
from streamer.text.names import NamesAt
from streamer.text.parted import normalise_parted
from streamer.text.pinyin import is_hanzi
from streamer.text.punctuation import Ending, Punctuator, punctuate
from streamer.types import SAMPLE_RATE, Token

LEAST_PAUSE_S: Final = 0.12
"""Seconds by which the time between two tokens must exceed the usual one to count as a pause. In synthetic sentences
aligned by the embedded pack 43 % of the commas and 3 % of the other places reach it."""


class CaptionFinisher:
    """A :class:`~streamer.interfaces.TextFinisher`.

    Partials get provisional marks and no numbers, so that nothing is rewritten while it is read; finals get both. A
    pack without a punctuation model gives rows of characters with numbers at the final.
    """

    def __init__(
        self,
        punctuator: Punctuator | None,
        settings: TextSettings | None = None,
        names_at: NamesAt = lambda _: None,
    ) -> None:
        """Use a model.

        Args:
            punctuator: chooses marks; None: none are written.
            settings: what is written.
            names_at: whose numerals stay as they are.
        """
        self._names_at = names_at
        self._settings = settings or TextSettings()
        self._punctuator = punctuator if self._settings.punctuation else None

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        """Characters with the marks that following characters have settled."""
        return self._marked(tokens, before, "open")

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        """Characters with marks and numbers; no mark at the end where ``sentence_may_end`` is False."""
        text = self._marked(tokens, before, "silence" if sentence_may_end else "forced")
        if not self._settings.numbers or not tokens:
            return text
        return normalise_parted(text, before, "" if sentence_may_end else None, self._names_at(tokens[0].start_sample))

    def _marked(self, tokens: tuple[Token, ...], before: str, ending: Ending) -> str:
        written = [token for token in tokens if token.text]
        characters = [token.text for token in written]
        if self._punctuator is None:
            return "".join(characters)
        context = [character for character in before if is_hanzi(character) or character.isalpha()]
        marks = self._punctuator.marks(characters, ending, context=context, pauses=pauses_after(written))
        return punctuate(characters, marks)


def pauses_after(tokens: Sequence[Token]) -> list[float]:
    """Seconds of silence after each token, 0 where there is none: what is longer than usual between two tokens.

    Times of the CTC alignment are those of the models' peaks, so that the rest of a syllable lies between two tokens as
    well; times that were spread evenly show no pause.
    """
    if not tokens:
        return []
    usual = usual_gap(tokens)
    silences = [(gap - usual) / SAMPLE_RATE for gap in _gaps(tokens)]
    return [silence if silence >= LEAST_PAUSE_S else 0.0 for silence in silences] + [0.0]


def usual_gap(tokens: Sequence[Token]) -> float:
    """Samples that usually lie between two of these tokens; 0 where there are no two."""
    gaps = _gaps(tokens)
    return median(gaps) if gaps else 0.0


def _gaps(tokens: Sequence[Token]) -> list[int]:
    return [later.start_sample - token.end_sample for token, later in pairwise(tokens)]
