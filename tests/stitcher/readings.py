"""Two readings of the same sound, for the seam between them."""

from __future__ import annotations

from streamer.stitcher.alignment import Span
from streamer.types import Token

SHARED = Span(1000 * 16, 2200 * 16)
"""What both readings were made of; its middle is at 1600 ms."""


def read(*heard: str) -> list[Token]:
    """Tokens of 80 ms, each given as ``character syllable milliseconds``."""
    spelled = [one.split() for one in heard]
    return [Token(text, syllable, int(at) * 16, (int(at) + 80) * 16, -0.1) for text, syllable, at in spelled]
