"""Steps of an optimiser, and the running average of the weights, without waiting for the device at each of them."""

from __future__ import annotations

import torch
from torch import Tensor, nn


def take_step(optimizer: torch.optim.AdamW, norm: Tensor) -> None:
    """Take a step unless the gradient's norm is infinite or no number; elsewhere than on the CPU the device decides.

    Args:
        optimizer: a fused one.
        norm: of the gradients, ``() float32``.
    """
    if norm.device.type == "cpu":
        if torch.isfinite(norm):
            optimizer.step()
    else:
        take_step_unwaiting(optimizer, norm)


def take_step_unwaiting(optimizer: torch.optim.AdamW, norm: Tensor) -> None:
    """The same with the decision left to the fused kernel, as ``torch.amp.GradScaler`` leaves it."""
    vars(optimizer)["found_inf"] = (~torch.isfinite(norm)).float()
    optimizer.step()


class RunningAverage:
    """The average of a model's weights, in a model of the same shape on the same device."""

    def __init__(self, averaged: nn.Module, model: nn.Module) -> None:
        pairs = list(zip(averaged.state_dict().values(), model.state_dict().values(), strict=True))
        floats = [pair for pair in pairs if pair[0].is_floating_point()]
        counters = [pair for pair in pairs if not pair[0].is_floating_point()]
        self._average, self._weights = [pair[0] for pair in floats], [pair[1] for pair in floats]
        self._counts, self._counters = [pair[0] for pair in counters], [pair[1] for pair in counters]

    @torch.no_grad()
    def follow(self, decay: float) -> None:
        """Come nearer to the weights by ``1 - decay``; whole numbers are copied."""
        # One launch for all tensors: what optimisers use, and public under no other name.
        torch._foreach_lerp_(self._average, self._weights, 1 - decay)
        torch._foreach_copy_(self._counts, self._counters)
