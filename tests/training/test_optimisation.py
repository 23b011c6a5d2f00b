from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402 - torch is optional

from streamer.training.optimisation import RunningAverage, take_step, take_step_unwaiting  # noqa: E402


def stepped(norm: float, *, unwaiting: bool) -> list[float]:
    weights = nn.Parameter(torch.tensor([1.0, -2.0]))
    optimizer = torch.optim.AdamW([weights], lr=0.1, fused=True)
    for size in (1.0, norm):
        weights.grad = torch.tensor([0.5, 0.25]) if size == 1.0 else torch.tensor([float("nan"), 0.25])
        (take_step_unwaiting if unwaiting else take_step)(optimizer, torch.tensor(size))
    found: list[float] = weights.tolist()
    return found


@pytest.mark.parametrize("norm", [1.0, float("inf"), float("nan")])
def test_a_step_is_taken_or_left_out_alike_with_and_without_waiting(norm: float) -> None:
    assert stepped(norm, unwaiting=True) == stepped(norm, unwaiting=False)


def test_a_gradient_that_is_no_number_leaves_the_weights() -> None:
    assert stepped(float("nan"), unwaiting=True) == pytest.approx([0.899, -2.098], abs=1e-3)


def test_the_average_comes_nearer_to_the_weights_and_copies_counts() -> None:
    averaged, model = (nn.BatchNorm1d(2) for _ in range(2))
    model.weight.data = torch.tensor([3.0, 5.0])
    model.num_batches_tracked.fill_(7)
    RunningAverage(averaged, model).follow(0.75)
    assert averaged.weight.tolist() == [1.5, 2.0]
    assert int(averaged.num_batches_tracked) == 7
