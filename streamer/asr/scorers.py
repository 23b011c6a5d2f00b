"""What may favour some syllables over others during the search: a syllable n-gram, hotwords."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Protocol


class PrefixScorer(Protocol):
    """Scores a prefix as it grows, token by token. The beam search calls it; states are opaque to the search."""

    def start(self) -> Hashable:
        """State of the empty prefix."""

    def extend(self, state: Hashable, token_id: int) -> tuple[Hashable, float]:
        """State after one more token, and what that token adds to the score (natural logarithm)."""

    def finish(self, state: Hashable) -> float:
        """What the end of the utterance adds to the score."""


@dataclass(frozen=True, slots=True)
class WeightedScorer:
    """A scorer and how much it counts."""

    scorer: PrefixScorer
    weight: float
    """Factor on every score it gives."""
