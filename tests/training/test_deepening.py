from __future__ import annotations

import msgspec
import pytest

from streamer.errors import SettingsError

torch = pytest.importorskip("torch")

from streamer.training.deepening import deepened  # noqa: E402 - behind importorskip, as below
from streamer.training.model import Conformer  # noqa: E402
from streamer.training.settings import ModelSettings  # noqa: E402
from streamer.training.weights import Weights  # noqa: E402

pytestmark = pytest.mark.train
TINY = ModelSettings(width=16, blocks=3, heads=2, feed_forward=16, kernel=5, stem=4, head=8, dropout=0.0)
TOKENS = ["ba1", "ma1", "ma3", "A"]
ENDS = ("before.narrow", "attention.outward", "convolution.outward", "after.narrow")


def trained(settings: ModelSettings = TINY) -> Conformer:
    torch.manual_seed(3)
    model = Conformer(settings, TOKENS)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.4)
    return model.eval()


def weights_of(model: Conformer, settings: ModelSettings = TINY) -> Weights:
    return Weights(model.state_dict(), TOKENS, msgspec.to_builtins(settings))


def deeper(blocks: int) -> Conformer:
    model = Conformer(msgspec.structs.replace(TINY, blocks=blocks), TOKENS)
    model.load_state_dict(deepened(weights_of(trained()), blocks).tensors)
    return model.eval()


def sound() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(7)
    return torch.randn(3, 64, 80, generator=generator), torch.tensor([16, 12, 16])


@pytest.mark.parametrize("blocks", [3, 4, 5, 9])
def test_a_deepened_model_scores_as_before(blocks: int) -> None:
    with torch.no_grad():
        assert torch.allclose(deeper(blocks)(*sound()).final, trained()(*sound()).final, atol=1e-4)


def test_the_copies_are_spread_over_the_depth() -> None:
    weights = weights_of(trained())

    inner = deepened(weights, 5).tensors

    origins = [
        next(old for old in range(3) if torch.equal(inner[f"blocks.{new}.after.widen.weight"],
                                                    weights.tensors[f"blocks.{old}.after.widen.weight"]))
        for new in range(5)
    ]  # fmt: skip
    assert origins == [0, 0, 1, 2, 2]


def test_a_copy_learns_from_the_first_step() -> None:
    model = deeper(4).train()

    model(*sound()).final.square().mean().backward()

    copied = model.blocks[2]
    assert all(copied.get_submodule(end).weight.detach().abs().max() == 0.0 for end in ENDS)
    assert all(copied.get_submodule(end).weight.grad.abs().max() > 0.0 for end in ENDS)


def test_what_it_was_made_of_is_left_as_it_was() -> None:
    weights = weights_of(trained())
    for tensor in deepened(weights, 4).tensors.values():
        if tensor.is_floating_point():
            tensor.add_(1.0)

    old = trained().state_dict()
    blocks = [name for name in old if name.startswith("blocks.")]
    assert all(torch.equal(weights.tensors[name], old[name]) for name in blocks)


def test_the_middle_loss_moves_behind_the_copies_of_its_block() -> None:
    settings = msgspec.structs.replace(TINY, middle_ctc=2)
    weights = weights_of(trained(settings), settings)

    shape = deepened(weights, 4).shape

    assert shape == {**weights.shape, "blocks": 4, "middle_ctc": 3}
    model = Conformer(msgspec.convert(shape, ModelSettings), TOKENS)
    model.load_state_dict(deepened(weights, 4).tensors)
    middle, before = model.train()(*sound()).middle, trained(settings).train()(*sound()).middle
    assert torch.allclose(middle, before, atol=1e-4)


def test_fewer_blocks_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"model\.blocks = 2: these weights have 3; a model can only"):
        deepened(weights_of(trained()), 2)
