"""The loss of a classifier over many classes, without the scores of all positions at once."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from streamer.training.language_tokens import FIRST_CHARACTER_ID

_ROWS_ON_CPU = 256
"""Positions whose scores are computed together: those that a CPU keeps in its cache."""
_ROWS_ELSEWHERE = 16_384
"""Likewise where starting a computation costs more than memory does."""


class ClassifierLoss(torch.autograd.Function):
    """Mean cross-entropy of a linear classifier over many classes, gradients computed on the way, some rows at a time.

    The score matrix of all positions never exists: on a CPU its passes through memory cost more than the products.
    """

    @staticmethod
    def forward(ctx: Any, states: Tensor, weights: Tensor, bias: Tensor, targets: Tensor, smoothing: float) -> Tensor:
        """Mean loss; the gradients are kept for ``backward``.

        Args:
            ctx: autograd's.
            states: (n, width) in the type to multiply in.
            weights: (classes, width), float32.
            bias: (classes,), float32.
            targets: (n,) classes, in the range from ``FIRST_CHARACTER_ID``; negative where not scored.
            smoothing: share of the target spread evenly over the classes.
        """
        narrow = weights.to(states.dtype)
        state_gradients = torch.empty_like(states)
        weight_gradients, bias_gradients = torch.zeros_like(weights), torch.zeros_like(bias)
        loss = torch.zeros((), device=states.device)
        classes = weights.shape[0] - FIRST_CHARACTER_ID
        size = _ROWS_ON_CPU if states.device.type == "cpu" else _ROWS_ELSEWHERE
        for rows in (slice(start, start + size) for start in range(0, len(targets), size)):
            scores = (states[rows] @ narrow.T).float().add_(bias)
            scored = (targets[rows] >= 0).float().unsqueeze(1)
            wanted = targets[rows].clamp(min=0).unsqueeze(1)
            normaliser = scores.logsumexp(1, keepdim=True)
            spread = scores[:, FIRST_CHARACTER_ID:].mean(1, keepdim=True)
            loss += ((normaliser - (1 - smoothing) * scores.gather(1, wanted) - smoothing * spread) * scored).sum()
            scores.sub_(normaliser).exp_()
            scores[:, FIRST_CHARACTER_ID:] -= smoothing / classes
            scores.scatter_add_(1, wanted, torch.full_like(normaliser, smoothing - 1))
            scores.mul_(scored)
            bias_gradients += scores.sum(0)
            gradients = scores.to(states.dtype)
            state_gradients[rows] = gradients @ narrow
            weight_gradients += gradients.T @ states[rows]
        count = (targets >= 0).sum().clamp(min=1)
        ctx.save_for_backward(state_gradients / count, weight_gradients / count, bias_gradients / count)
        return loss / count

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, Tensor, Tensor, None, None]:
        """Scale the gradients computed by ``forward``."""
        states, weights, bias = ctx.saved_tensors
        return states * outer[0], weights * outer[0], bias * outer[0], None, None
