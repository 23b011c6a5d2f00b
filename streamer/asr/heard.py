"""What the models give, as it is handed on: syllables, and the characters for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, slots=True)
class AcousticOutput:
    """What the acoustic model heard."""

    ids: tuple[int, ...]
    """Syllable ids in order, as the model itself collapsed them."""
    log_probs: npt.NDArray[np.float32] | None
    """``(steps, columns)`` over the real part of the utterance, a column an id; None for bare packs."""


@dataclass(frozen=True)
class LanguageOutput:
    """What the language stage wrote."""

    ids: tuple[int, ...]
    """One character id a syllable, in order; fewer where it ended early."""
    log_probs: npt.NDArray[np.float32] | None = None
    """``(len(ids), characters)``, a column an id; None for bare packs."""

    @cached_property
    def scores(self) -> tuple[float, ...] | None:
        """Log-probability of each character; None for bare packs."""
        if self.log_probs is None:
            return None
        return tuple(self.log_probs[np.arange(len(self.ids)), list(self.ids)].tolist())
