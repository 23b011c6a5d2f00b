"""English sentences in Chinese, by patterns: for what is said where the language of the reader is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable


class Sayings:
    """Patterns of sentences, each with the same in Chinese; the first that fits a whole sentence is taken."""

    def __init__(self, pairs: Iterable[tuple[str, str]], translate_part: Callable[[str], str] = str) -> None:
        """Prepare.

        Args:
            pairs: a pattern, and a format into which its named groups are put.
            translate_part: what becomes of the group ``reason``, which is a sentence of its own.
        """
        self._pairs = tuple(pairs)  # compiled when they are needed: a start in English, or without trouble, never does
        self._translate_part = translate_part

    def chinese(self, sentence: str) -> str:
        """The sentence in Chinese; as it is where no pattern fits."""
        for said, chinese in self._pairs:
            if found := re.fullmatch(said, sentence, re.DOTALL):
                parts = found.groupdict()
                if "reason" in parts:
                    parts["reason"] = self._translate_part(parts["reason"])
                return chinese.format(**parts)
        return sentence
