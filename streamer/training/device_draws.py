"""Random numbers of a device, in the shapes that changes to a batch of sound need."""

from __future__ import annotations

import torch
from torch import Tensor


class Draws:
    """Draws on one device; the same seed gives the same numbers on the same kind of device."""

    def __init__(self, device: torch.device, seed: int) -> None:
        self.device = device
        self._generator = torch.Generator(device=device)
        self._generator.manual_seed(seed)

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """``shape float32`` between two numbers."""
        return low + (high - low) * torch.rand(*shape, device=self.device, generator=self._generator)

    def normal(self, *shape: int) -> Tensor:
        """``shape float32`` of mean 0 and deviation 1."""
        return torch.randn(*shape, device=self.device, generator=self._generator)

    def chance(self, share: float, count: int) -> Tensor:
        """``(count,) bool``, true with a chance."""
        return torch.rand(count, device=self.device, generator=self._generator) < share

    def below(self, most: Tensor) -> Tensor:
        """Whole numbers ``int64`` from 0 to below each of ``most``, of the same shape."""
        share = torch.rand(most.shape, device=self.device, generator=self._generator)
        # In single precision a share of nearly one times a large number can reach it.
        return torch.minimum((share * most).long(), (most - 1).long().clamp(min=0))
