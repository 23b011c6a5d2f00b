"""The syllable trigram as a scorer of the beam search."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import cast

import numpy as np

from streamer.asr.syllable_lm import SyllableLanguageModel

_REMEMBERED = 8192
"""Scores kept, less than a megabyte: a growing utterance is searched again and again, mostly along the same ways."""


class SyllableScorer:
    """A syllable trigram as a scorer; a state is the last two tokens as one number."""

    def __init__(self, model: SyllableLanguageModel, first_id: int = 0) -> None:
        """Wrap a trigram whose tokens count from 0.

        Args:
            model: the trigram.
            first_id: id of the first token in the acoustic table.
        """
        self._model = model
        self._first_id = first_id
        self._base = model.size + 1
        self._known: dict[int, float] = {}

    def start(self) -> int:
        """State of the empty prefix."""
        return self._model.start * self._base + self._model.start

    def extend(self, states: Sequence[Hashable], token_ids: Sequence[int]) -> tuple[list[int], list[float]]:
        """Extend several prefixes, each by one token."""
        base, known = self._base, self._known
        tokens_before = cast("Sequence[int]", states)
        keys = [state * base + token - self._first_id for state, token in zip(tokens_before, token_ids, strict=True)]
        if len(known) > _REMEMBERED:
            known.clear()
        fresh = [key for key in keys if key not in known]
        if fresh:
            wanted = np.array(fresh, np.int64)
            before = wanted // base
            scores = self._model.score(before // base, before % base, wanted % base)
            known.update(zip(fresh, scores.tolist(), strict=True))
        square = base * base
        return [key % square for key in keys], [known[key] for key in keys]

    def finish(self, state: Hashable) -> float:  # noqa: ARG002 - the protocol's; hotwords need it
        """Nothing: the trigram does not know where utterances end."""
        return 0.0
