"""The written form of text that nobody finishes."""

from __future__ import annotations

from streamer.types import Token


class PlainFinisher:
    """A :class:`~streamer.interfaces.TextFinisher` that adds nothing: the characters in a row."""

    def provisional(self, tokens: tuple[Token, ...], before: str) -> str:  # noqa: ARG002 - what precedes changes nothing
        """The characters as spoken."""
        return "".join(token.text for token in tokens)

    def final(self, tokens: tuple[Token, ...], before: str, *, sentence_may_end: bool) -> str:  # noqa: ARG002 - same
        """The characters as spoken."""
        return "".join(token.text for token in tokens)
