"""The network: its framing, and that padding changes nothing."""

from __future__ import annotations

import pytest
import torch

from streamer.training.language_model import frame
from tests.training.language_samples import tiny_model


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
