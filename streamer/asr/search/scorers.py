"""What may favour some syllables over others during the search: a syllable n-gram, hotwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt


class PrefixScorer(Protocol):
    """Scores prefixes as they grow by tokens. The beam search calls it; to the search, states are but numbers."""

    def start(self) -> int:
        """State of the empty prefix."""

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Extend several prefixes, each by one token.

        Returns:
            The state of each after its token, and what that token adds to its score (natural logarithm).
        """

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """What the end of the utterance adds to the score of each."""


@dataclass(frozen=True, slots=True)
class WeightedScorer:
    """A scorer and how much it counts."""

    scorer: PrefixScorer
    weight: float
    """Factor on every score it gives."""
