from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from streamer.training.losses import frame_loss, unwaiting_frame_loss  # noqa: E402 - torch is optional


@pytest.mark.parametrize("labels", [[[0, -1, 2], [-1, -1, 1]], [[-1, -1, -1], [-1, -1, -1]]])
def test_the_loss_of_frames_is_the_same_without_waiting_for_their_number(labels: list[list[int]]) -> None:
    scores = torch.randn(2, 3, 5, generator=torch.Generator().manual_seed(1))
    expected = frame_loss(scores, torch.tensor(labels))
    assert float(unwaiting_frame_loss(scores, torch.tensor(labels))) == pytest.approx(float(expected), rel=1e-6)
