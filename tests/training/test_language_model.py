"""The network: its loss, its framing, and that padding changes nothing."""

from __future__ import annotations

import pytest
import torch
from torch.nn import functional

from streamer.training.language_model import IMPOSSIBLE, ClassifierLoss, SpanDropout, frame
from tests.training.language_samples import tiny_model


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


def test_padding_changes_no_score() -> None:
    model = tiny_model()
    short = model.log_probabilities(torch.tensor([[3, 0, 2]]))
    long = model.log_probabilities(torch.tensor([[3, 0, 2, -1, -1]]))

    torch.testing.assert_close(short, long[:, :4])


def test_neighbours_change_scores() -> None:
    model = tiny_model()
    scores = model.log_probabilities(torch.tensor([[3, 0, 2, 1, 1, 1], [3, 0, 2, 1, 1, 4]]))

    assert (scores[0, 1] - scores[1, 1]).abs().max() > 1e-4


def test_the_frame_begins_with_s_and_ends_with_slash_s() -> None:
    scores = frame(torch.zeros(1, 3, 5), torch.tensor([[True, True, False]]))

    assert scores.shape == (1, 4, 5)
    assert scores[0, 0].argmax() == 1
    assert scores[0, 3].argmax() == 2
    assert scores[0, 1].tolist() == [0.0] * 5


def test_only_characters_can_be_written() -> None:
    scores = tiny_model().log_probabilities(torch.tensor([[3, 0, 2]]))

    assert (scores[0, 1:, :3] < -1000).all()
    assert scores[0, 1:, 3:].exp().sum(-1).tolist() == pytest.approx([1.0] * 3)


def test_dropout_takes_the_same_channels_from_every_position() -> None:
    torch.manual_seed(2)
    dropped = SpanDropout(0.5).train()(torch.ones(4, 6, 32))

    assert set(dropped.unique().tolist()) == {0.0, 2.0}
    assert (dropped == dropped[:, :1]).all()
