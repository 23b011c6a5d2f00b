from __future__ import annotations

import copy

import pytest

torch = pytest.importorskip("torch")

from streamer.training.model import Conformer  # noqa: E402 - torch is optional
from streamer.training.settings import ModelSettings  # noqa: E402

pytestmark = pytest.mark.train
TINY = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
TOKENS = ["ba1", "ma1", "ma3", "A"]


@pytest.fixture(scope="module")
def model() -> Conformer:
    torch.manual_seed(3)
    model = Conformer(TINY, TOKENS)
    for norm in model.stem.norms:
        torch.nn.init.normal_(norm.running_mean)
        torch.nn.init.normal_(norm.bias)
    return model.eval()


@pytest.mark.parametrize("frames", [8, 9, 30, 287, 1000])
def test_padding_changes_nothing(model: Conformer, frames: int) -> None:
    features = torch.randn(1, frames, 80)
    length = torch.tensor([min(250, frames // 4)])
    padded = torch.cat([features, torch.zeros(1, 1001 - frames, 80)], dim=1)
    alone, within = model(features, length).final, model(padded, length).final
    heard = int(length)
    assert torch.allclose(alone[:, :heard], within[:, :heard], atol=1e-5)


def test_a_longer_neighbour_changes_nothing(model: Conformer) -> None:
    first, second = torch.randn(1, 40, 80), torch.randn(1, 96, 80)
    together = torch.cat([torch.nn.functional.pad(first, (0, 0, 0, 56)), second])
    scores = model(together, torch.tensor([10, 24])).final
    assert torch.allclose(scores[:1, :10], model(first, torch.tensor([10])).final, atol=1e-5)


@pytest.mark.parametrize("frames", [4, 12, 64, 1000])
def test_without_padding_masks_change_nothing(model: Conformer, frames: int) -> None:
    features = torch.randn(1, frames, 80)
    masked = model.encoded(features, torch.tensor([frames // 4]))
    assert torch.allclose(model.encoded(features)[:, : frames // 4], masked[:, : frames // 4], atol=1e-5)


def test_shares_in_the_weights_change_nothing(model: Conformer) -> None:
    features = torch.randn(1, 64, 80)
    before = model.encoded(features)
    folded = copy.deepcopy(model)
    folded.take_shares_in()
    assert torch.equal(folded.encoded(features), before)


def test_there_is_an_output_every_40_ms(model: Conformer) -> None:
    assert model(torch.randn(1, 1001, 80), torch.tensor([250])).final.shape == (1, 252, len(TOKENS) + 1)


def test_the_encoded_outputs_score_as_the_whole_model(model: Conformer) -> None:
    features, length = torch.randn(1, 64, 80), torch.tensor([16])
    assert torch.allclose(model.scores(model.encoded(features, length)), model(features, length).final, atol=1e-6)


def test_a_middle_loss_adds_scores_in_training_only() -> None:
    settings = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8, middle_ctc=1)
    model = Conformer(settings, TOKENS)
    features, length = torch.randn(1, 64, 80), torch.tensor([16])
    middle = model.train()(features, length).middle
    assert middle is not None
    assert middle.shape == (1, 16, len(TOKENS) + 1)
    assert model.eval()(features, length).middle is None
