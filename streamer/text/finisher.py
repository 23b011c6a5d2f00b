"""The written form of captions: marks from the pack's model, numbers at the final."""

from __future__ import annotations

from streamer.text.itn import normalise
from streamer.text.pinyin import is_hanzi
from streamer.text.punctuation import Ending, Punctuator, punctuate
from streamer.types import Token


class CaptionFinisher:
    """A :class:`~streamer.interfaces.TextFinisher`.

    Partials get provisional marks and no numbers, so that nothing is rewritten while it is read; finals get both. A
    pack without a punctuation model gives rows of characters with numbers at the final.
    """

    def __init__(self, punctuator: Punctuator | None, *, write_numbers: bool = True) -> None:
        self._punctuator = punctuator
        self._write_numbers = write_numbers

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        """Characters with the marks that following characters have settled."""
        return self._marked(tokens, before, "open")

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        """Characters with marks and numbers; no mark at the end where ``sentence_may_end`` is False."""
        text = self._marked(tokens, before, "silence" if sentence_may_end else "forced")
        return normalise(text) if self._write_numbers else text

    def _marked(self, tokens: tuple[Token, ...], before: str, ending: Ending) -> str:
        characters = [token.text for token in tokens if token.text]
        if self._punctuator is None:
            return "".join(characters)
        context = [character for character in before if is_hanzi(character) or character.isalpha()]
        return punctuate(characters, self._punctuator.marks(characters, ending, context=context))
