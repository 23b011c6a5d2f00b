from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.training.batches import Batch  # noqa: E402 - torch is optional
from streamer.training.losses import consistency_loss, ctc_loss, frame_loss, losses, unwaiting_frame_loss  # noqa: E402
from streamer.training.model import Scores  # noqa: E402

LENGTHS, COUNTS = [5, 3], [2, 1]
WEIGHTS = {"flat_start": False, "frame_weight": 0.3, "middle_weight": 0.3}


def two_views(seed: int = 1) -> tuple[torch.Tensor, Batch]:
    """Scores ``(4, 6, 4)`` of two utterances in two views, and their batch."""
    scores = torch.randn(4, 6, 4, generator=torch.Generator().manual_seed(seed), requires_grad=True)
    batch = Batch(
        features=torch.zeros(4, 24, 80),
        length=torch.tensor(LENGTHS * 2),
        tokens=torch.tensor([0, 2, 1] * 2),
        counts=torch.tensor(COUNTS * 2),
        labels=torch.full((4, 6), -1),
        views=2,
    )
    return scores, batch


def slow_consistency(scores: np.ndarray, lengths: list[int], tokens: int) -> tuple[float, np.ndarray]:
    """The loss, and its gradient by the scores where each distribution is a fixed target once."""
    probs = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    half = len(scores) // 2
    loss, gradient = 0.0, np.zeros_like(scores)
    for row, length in enumerate(lengths):
        for step in range(length):
            p, q = probs[row, step], probs[half + row, step]
            for token in range(scores.shape[-1]):
                loss += p[token] * np.log(p[token] / q[token]) + q[token] * np.log(q[token] / p[token])
            # Of a divergence from a fixed target: what is said less what is to be said.
            gradient[row, step], gradient[half + row, step] = p - q, q - p
    return loss / tokens, gradient / tokens


def test_consistency_is_the_divergence_of_both_views_per_token_within_the_utterances() -> None:
    scores, batch = two_views()
    expected, gradient = slow_consistency(scores.detach().double().numpy(), LENGTHS, 2 * sum(COUNTS))
    found = consistency_loss(scores.log_softmax(-1), batch)
    found.backward()

    assert found.item() == pytest.approx(expected, rel=1e-5)
    assert scores.grad.numpy() == pytest.approx(gradient, abs=1e-6)


def test_views_that_are_heard_alike_are_consistent() -> None:
    scores, batch = two_views()
    log_probs = scores.detach()[:2].repeat(2, 1, 1).log_softmax(-1)

    assert consistency_loss(log_probs, batch).item() == 0


def test_consistency_counts_beside_ctc_with_its_weight() -> None:
    scores, batch = two_views()
    log_probs = scores.log_softmax(-1)
    ctc, apart = ctc_loss(log_probs, batch).item(), consistency_loss(log_probs, batch).item()
    found = losses(Scores(scores, None), batch, **WEIGHTS, consistency_weight=0.2)

    assert found.total.item() == pytest.approx(ctc + 0.2 * apart, rel=1e-6)
    assert (found.ctc.item(), found.consistency.item()) == pytest.approx((ctc, apart), rel=1e-6)


def test_a_batch_of_one_view_has_no_consistency_to_learn() -> None:
    scores, batch = two_views()
    one = Batch(batch.features, batch.length, batch.tokens, batch.counts, batch.labels)
    found = losses(Scores(scores, None), one, **WEIGHTS, consistency_weight=0.2)

    assert found.total.item() == found.ctc.item()
    assert found.consistency.item() == 0


@pytest.mark.parametrize("labels", [[[0, -1, 2], [-1, -1, 1]], [[-1, -1, -1], [-1, -1, -1]]])
def test_the_loss_of_frames_is_the_same_without_waiting_for_their_number(labels: list[list[int]]) -> None:
    scores = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1))
    expected = frame_loss(scores, torch.tensor(labels))
    assert float(unwaiting_frame_loss(scores, torch.tensor(labels))) == pytest.approx(float(expected), rel=1e-6)
