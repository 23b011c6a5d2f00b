"""What may favour some syllables over others during the search: a syllable n-gram, hotwords."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import Protocol


class PrefixScorer(Protocol):
    """Scores prefixes as they grow by tokens. The beam search calls it; states are opaque to the search."""

    def start(self) -> Hashable:
        """State of the empty prefix."""

    def extend(
        self, states: Sequence[Hashable], token_ids: Sequence[int]
    ) -> tuple[Sequence[Hashable], Sequence[float]]:
        """Extend several prefixes, each by one token.

        Returns:
            The state of each after its token, and what that token adds to its score (natural logarithm).
        """

    def finish(self, state: Hashable) -> float:
        """What the end of the utterance adds to the score."""


@dataclass(frozen=True, slots=True)
class WeightedScorer:
    """A scorer and how much it counts."""

    scorer: PrefixScorer
    weight: float
    """Factor on every score it gives."""
