"""Written form that never fails."""

from __future__ import annotations

import logging
from collections.abc import Callable

from streamer.errors import RecognizerError
from streamer.interfaces import TextFinisher
from streamer.types import Token

logger = logging.getLogger(__name__)


class UnfailingFinisher:
    """A :class:`~streamer.interfaces.TextFinisher` that gives the characters in a row where another one fails.

    A final without punctuation is better than none.
    """

    def __init__(self, finisher: TextFinisher) -> None:
        """``finisher``: may run a model, and so may raise RecognizerError."""
        self._finisher = finisher

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:
        """Written form of text that may still change."""
        return _finished(lambda: self._finisher.provisional(tokens, before), tokens)

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:
        """Written form of final text."""
        return _finished(lambda: self._finisher.final(tokens, before, sentence_may_end=sentence_may_end), tokens)


def _finished(finish: Callable[[], str], tokens: tuple[Token, ...]) -> str:
    try:
        return finish()
    except RecognizerError as error:
        logger.warning("text is left without punctuation: %s", error)
        return "".join(token.text for token in tokens)
