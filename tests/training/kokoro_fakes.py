"""Kokoro with a small network and plain voices."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from streamer.training.kokoro import Kokoro
from streamer.training.kokoro_shards import KokoroShards
from streamer.training.kokoro_voices import KokoroVoices

VOICES = {
    name: np.full((510, 256), 0.2 + 0.05 * place, np.float32)
    for place, name in enumerate(("zm_a", "zm_b", "zf_c", "zf_d", "am_e"))
}


def shards(seed: int = 1) -> KokoroShards:
    return KokoroShards(Kokoro(Beeps(frames=6)), KokoroVoices(VOICES), seed)


@dataclass
class Beeps:
    """A network whose symbols last ``frames / speed``, but one frame at the ends; its sound is the style's level."""

    frames: int = 24
    timed: list[tuple[int, ...]] = field(default_factory=list)
    """Shape of each batch of symbols."""
    spoken: list[tuple[int, ...]] = field(default_factory=list)
    """Shape of each batch of frames."""

    def lengths(self, symbols: Tensor, styles: Tensor, speeds: Tensor) -> tuple[Tensor, Tensor]:
        self.timed.append(tuple(symbols.shape))
        lengths = (self.frames / speeds)[:, None].expand(symbols.shape).round().long().clone()
        lengths[symbols == 0] = 1
        states = torch.zeros(len(symbols), 1152, symbols.shape[1])
        states[:, 0] = symbols
        return lengths, states

    def waves(self, frames: Tensor, styles: Tensor) -> Tensor:
        self.spoken.append(tuple(frames.shape))
        # The symbols' ids come back as parts of the level, so that the frames can be told.
        return ((1 + frames[:, 0] / 1000) * styles[:, :1]).repeat_interleave(600, 1)
