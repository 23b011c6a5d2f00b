"""What the models give, as it is handed on: syllables, and the characters for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from streamer.errors import RecognizerError


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


def require_numbers(scores: npt.NDArray[np.float32], label: str, model: str) -> None:
    """Refuse the scores of one token that are none: so are all of that step, which are of one softmax.

    Args:
        scores: ``(steps,)``.
        label: the pack's.
        model: which of its models gave them.

    Raises:
        RecognizerError: one is no number.
    """
    if np.isnan(scores).any():
        raise RecognizerError(
            f"pack {label}: {model} gave scores that are no numbers, expected log-probabilities: in fp16 "
            "it may overflow, convert it with another --precision"
        )
