"""English sentences in Chinese, by patterns: for what is said where the language of the reader is not known."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping


class Sayings:
    """Patterns of sentences, each with the same in Chinese; the first that fits a whole sentence is taken."""

    def __init__(
        self, pairs: Iterable[tuple[str, str]], parts: Mapping[str, Callable[[str], str]] | None = None
    ) -> None:
        """Prepare.

        Args:
            pairs: a pattern, and a format into which its named groups are put.
            parts: what becomes of groups that are sentences of their own, by their names.
        """
        self._pairs = tuple(pairs)  # compiled when they are needed: a start in English, or without trouble, never does
        self._parts = dict(parts or {})

    def chinese(self, sentence: str) -> str:
        """The sentence in Chinese; as it is where no pattern fits."""
        for said, chinese in self._pairs:
            if found := re.fullmatch(said, sentence, re.DOTALL):
                groups = found.groupdict()
                return chinese.format(**{name: self._parts.get(name, str)(part) for name, part in groups.items()})
        return sentence

    def chinese_parts(self, sentences: str) -> str:
        """Several, with semicolons between, each as by :meth:`chinese`."""
        return "；".join(map(self.chinese, sentences.split("; ")))
