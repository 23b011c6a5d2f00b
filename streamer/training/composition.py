"""Token scores composed from initial, final and tone, so that a rare syllable learns from its common relatives."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.text.pinyin import FINALS, INITIALS, LETTERS, TONES, parse_syllable

RESIDUAL_SCALE = 0.1


class ComposedScores(nn.Module):
    """A linear layer whose row for a syllable is the sum of its initial's, its final's, its tone's and a small own row.

    Letters and the blank have rows of their own. :meth:`merged` gives the one matrix that inference uses.
    """

    parts: Tensor

    def __init__(self, tokens: list[str], width: int) -> None:
        super().__init__()
        syllables = [parse_syllable(token) for token in tokens if token not in LETTERS]
        if any(token in LETTERS for token in tokens[: len(syllables)]):
            raise ValueError("the token table must hold all syllables before the letters")
        parts = torch.tensor(
            [
                [
                    INITIALS.index(syllable.initial),
                    len(INITIALS) + FINALS.index(syllable.final),
                    len(INITIALS) + len(FINALS) + TONES.index(syllable.tone),
                ]
                for syllable in syllables
            ]
        )
        self.register_buffer("parts", parts, persistent=False)
        self.components = nn.Parameter(_start(len(INITIALS) + len(FINALS) + len(TONES), width))
        self.component_bias = nn.Parameter(torch.zeros(len(self.components)))
        self.own = nn.Parameter(_start(len(tokens) - len(syllables) + 1, width))
        self.own_bias = nn.Parameter(torch.zeros(len(self.own)))
        self.residual = nn.Parameter(torch.zeros(len(syllables), width))
        self.residual_bias = nn.Parameter(torch.zeros(len(syllables)))

    def merged(self) -> tuple[Tensor, Tensor]:
        """Matrix ``(tokens + 1, width)`` and bias ``(tokens + 1)`` of the equivalent linear layer, blank last."""
        rows = self.components[self.parts].sum(dim=1) + RESIDUAL_SCALE * self.residual
        bias = self.component_bias[self.parts].sum(dim=1) + RESIDUAL_SCALE * self.residual_bias
        return torch.cat([rows, self.own]), torch.cat([bias, self.own_bias])

    def forward(self, hidden: Tensor) -> Tensor:
        """``(…, width)`` to ``(…, tokens + 1)``."""
        rows, bias = self.merged()
        scores: Tensor = functional.linear(hidden, rows, bias)
        return scores


def _start(rows: int, width: int) -> Tensor:
    return torch.randn(rows, width) / math.sqrt(width)
