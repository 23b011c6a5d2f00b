"""What the acoustic model begins with: feature frames of 10 ms to vectors of 80 ms."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.asr.mel import MEL_BINS
from streamer.training.dropout import ChannelDropout

SUBSAMPLING: Final = 8
"""Feature frames per encoder step."""
FRAMES_PER_OUTPUT: Final = 4
"""Feature frames per output: every encoder step gives two."""


class Stem(nn.Module):
    """Three convolutions of stride 2 with batch normalisation, then one projection per step of 80 ms."""

    def __init__(self, channels: int, width: int, dropout: float) -> None:
        super().__init__()
        sizes = [1, channels, channels, channels]
        self.convolutions = nn.ModuleList(
            nn.Conv2d(before, after, 3, stride=2, padding=1, bias=False) for before, after in pairwise(sizes)
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(channels) for _ in self.convolutions)
        self.project = nn.Linear(channels * MEL_BINS // SUBSAMPLING, width)
        self.norm = nn.LayerNorm(width)
        self.dropout = ChannelDropout(dropout)

    def forward(self, features: Tensor, length: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """``(batch, frames, 80)`` to ``(batch, steps, width)``, with ones ``(batch, steps)`` where there is speech.

        Where nothing is padded, ``length`` is None, and no ones are given.
        """
        hidden, keep = features[:, None], None
        if length is not None:
            hidden = hidden * _kept(length * FRAMES_PER_OUTPUT, features.shape[1], features)[:, None, :, None]
        for halvings, (convolution, norm) in enumerate(zip(self.convolutions, self.norms, strict=True), 1):
            hidden = functional.relu(norm(convolution(hidden)))
            if length is not None:
                shrink = 2**halvings
                keep = _kept((length * FRAMES_PER_OUTPUT + shrink - 1) // shrink, hidden.shape[2], features)
                hidden = hidden * keep[:, None, :, None].to(hidden.dtype)
        batch, channels, steps, bins = hidden.shape
        flat = hidden.permute(0, 2, 3, 1).reshape(batch, steps, channels * bins)
        return self.dropout(self.norm(self.project(flat))), keep


def _kept(length: Tensor, size: int, like: Tensor) -> Tensor:
    """``(batch, size)``: ones before each length, zeros from there on."""
    return (torch.arange(size, device=like.device)[None, :] < length[:, None]).to(like.dtype)
