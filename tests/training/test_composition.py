from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from streamer.training.composition import ComposedScores  # noqa: E402 - torch is optional

pytestmark = pytest.mark.train
TOKENS = ["ba1", "ma1", "ma3", "A"]


def composed() -> ComposedScores:
    torch.manual_seed(1)
    scores = ComposedScores(TOKENS, 8)
    torch.nn.init.normal_(scores.residual)
    torch.nn.init.normal_(scores.component_bias)
    return scores


def test_the_merged_matrix_gives_the_same_scores() -> None:
    scores, hidden = composed(), torch.randn(2, 3, 8)
    rows, bias = scores.merged()
    assert torch.equal(scores(hidden), hidden @ rows.T + bias) or torch.allclose(
        scores(hidden), hidden @ rows.T + bias, atol=1e-6
    )
    assert rows.shape == (len(TOKENS) + 1, 8)


def test_syllables_that_differ_in_tone_alone_share_the_rest() -> None:
    scores = ComposedScores(TOKENS, 8)
    rows, _ = scores.merged()
    tone_1, tone_3 = scores.components[scores.parts[1, 2]], scores.components[scores.parts[2, 2]]
    assert torch.allclose(rows[1] - rows[2], tone_1 - tone_3, atol=1e-6)


def test_learning_one_syllable_moves_its_relatives_and_no_stranger() -> None:
    scores = ComposedScores(["ba1", "ma1", "fo2"], 8)
    before = scores.merged()[0].detach().clone()
    scores.merged()[0][0].sum().backward()
    with torch.no_grad():
        for weights in scores.parameters():
            weights.sub_(torch.zeros(()) if weights.grad is None else 0.1 * weights.grad)
    moved = (scores.merged()[0] - before).abs().sum(dim=1)
    assert (moved > 0).tolist() == [True, True, False, False]


def test_a_letter_before_a_syllable_is_refused() -> None:
    with pytest.raises(ValueError, match="syllables before the letters"):
        ComposedScores(["A", "ba1"], 8)
