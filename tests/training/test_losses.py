from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from streamer.training.batches import Batch  # noqa: E402 - torch is optional
from streamer.training.losses import consistency_loss, ctc_loss, frame_loss, losses, unwaiting_frame_loss  # noqa: E402
from streamer.training.model import Scores  # noqa: E402

LENGTHS, COUNTS = [5, 3], [2, 1]
OUTPUT = torch.tensor([0.5, 0.3, 0.2]).log()
"""Log-probabilities of two tokens and the blank, at every output."""
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


def said(*utterances: tuple[int, list[int]]) -> Batch:
    """A batch of utterances: how many outputs each has, and its tokens."""
    return Batch(
        features=torch.zeros(len(utterances), 8, 80),
        length=torch.tensor([length for length, _ in utterances]),
        tokens=torch.tensor([token for _, tokens in utterances for token in tokens], dtype=torch.int64),
        counts=torch.tensor([len(tokens) for _, tokens in utterances]),
        labels=torch.tensor([[0, -1, -1]] * len(utterances)),
    )


def test_ctc_is_what_all_ways_of_saying_it_cost_per_token() -> None:
    batch = said((2, [0]), (1, []), (2, [0, 1]), (2, [1, 1]))
    # The first may be said as 0 0, 0 blank, blank 0. Two equal neighbours need three outputs: what cannot be is free.
    expected = -np.log([0.25 + 2 * 0.5 * 0.2, 0.2, 0.5 * 0.3]).sum() / 5

    assert ctc_loss(OUTPUT.repeat(4, 3, 1), batch).item() == pytest.approx(expected, rel=1e-6)


def test_ctc_of_silence_alone_is_that_of_its_blanks() -> None:
    assert ctc_loss(OUTPUT.repeat(1, 3, 1), said((2, []))).item() == pytest.approx(-2 * np.log(0.2), rel=1e-6)


@pytest.mark.parametrize("loss", [frame_loss, unwaiting_frame_loss])
def test_frames_are_learnt_over_all_tokens_but_the_blank(
    loss: Callable[[torch.Tensor, torch.Tensor], torch.Tensor],
) -> None:
    assert loss(OUTPUT.repeat(1, 3, 1), torch.tensor([[0, -1, -1]])).item() == pytest.approx(np.log(8 / 5), rel=1e-6)


def test_a_middle_output_counts_with_its_weight() -> None:
    batch = said((2, [0]))
    scores = Scores(OUTPUT.repeat(1, 3, 1), torch.zeros(1, 3, 3))
    weights = {"frame_weight": 0.3, "middle_weight": 0.5, "consistency_weight": 0.2}
    frame, ctc = np.log(8 / 5), -np.log(0.45)

    flat = losses(scores, batch, flat_start=True, **weights)
    full = losses(scores, batch, flat_start=False, **weights)

    assert flat.total.item() == pytest.approx(frame + 0.5 * np.log(2), rel=1e-6)
    # The frames of the log are those of the last output and the middle one while nothing else is learnt.
    assert flat.frame.item() == flat.total.item()
    assert flat.ctc.isnan()
    assert flat.consistency.isnan()
    assert full.total.item() == pytest.approx(ctc + 0.3 * frame + 0.5 * np.log(3), rel=1e-6)
    assert (full.ctc.item(), full.frame.item()) == pytest.approx((ctc, frame), rel=1e-6)


def test_views_without_tokens_are_apart_by_the_sum() -> None:
    log_probs = torch.stack([OUTPUT.repeat(2, 1), OUTPUT.flip(0).repeat(2, 1)])
    batch = replace(said((2, []), (2, [])), views=2)
    # Each output differs by (0.5 - 0.2) ln(0.5 / 0.2) in both directions together, twice.
    expected = 2 * 2 * 0.3 * np.log(2.5)

    assert consistency_loss(log_probs, batch).item() == pytest.approx(expected, rel=1e-6)
