"""The network: its framing, and that padding changes nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest
import torch

from streamer.training.language_model import AttentionLayer, ContextLayer, frame, positions
from tests.training.language_samples import TINY, tiny_model


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


def test_only_the_distance_of_positions_counts() -> None:
    torch.manual_seed(1)
    layer, states = AttentionLayer(TINY).eval(), torch.randn(1, 6, TINY.width)
    turns = positions(40, TINY.width // TINY.heads)
    near, far, stretched = (
        layer(states, torch.zeros(1, 1, 1, 6), (turns[0][rows], turns[1][rows]))
        for rows in (slice(6), slice(30, 36), slice(0, 36, 6))
    )

    torch.testing.assert_close(near, far)
    assert (near - stretched).abs().max() > 1e-3


@pytest.mark.parametrize(("place", "heard"), [(1, False), (2, True), (6, True), (7, False)])
def test_a_context_layer_hears_as_far_as_its_reach(place: int, heard: bool) -> None:
    torch.manual_seed(1)
    layer = ContextLayer(replace(TINY, context=5)).eval()
    states = torch.randn(1, 9, TINY.width)
    changed = states.clone()
    changed[0, place] = torch.randn(TINY.width)
    before, after = (layer(each, torch.ones(1, 9))[0, 4] for each in (states, changed))

    assert bool((before != after).any()) is heard
