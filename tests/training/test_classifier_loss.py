from __future__ import annotations

import torch
from torch.nn import functional

from streamer.training.classifier_loss import ClassifierLoss
from streamer.training.language_model import IMPOSSIBLE


def test_the_fused_loss_equals_cross_entropy_with_smoothing() -> None:
    torch.manual_seed(1)
    states, weights = torch.randn(600, 8, requires_grad=True), torch.randn(20, 8, requires_grad=True)
    bias = torch.cat([torch.full((3,), IMPOSSIBLE), torch.randn(17)]).requires_grad_()
    targets = torch.randint(3, 20, (600,))
    targets[::7] = -100
    ClassifierLoss.apply(states, weights, bias, targets, 0.1).backward()  # type: ignore[no-untyped-call]
    fused = [tensor.grad.clone() for tensor in (states, weights, bias) if tensor.grad is not None]
    for tensor in (states, weights, bias):
        tensor.grad = None
    scores = functional.log_softmax(states @ weights.T + bias, dim=1)
    losses = 0.9 * scores.gather(1, targets.clamp(min=0)[:, None])[:, 0] + 0.1 * scores[:, 3:].mean(1)
    wanted = -losses[targets >= 0].mean()
    wanted.backward()  # type: ignore[no-untyped-call]

    for ours, tensor in zip(fused, (states, weights, bias), strict=True):
        torch.testing.assert_close(ours, tensor.grad, atol=1e-6, rtol=1e-4)
