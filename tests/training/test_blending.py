from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from streamer.errors import SettingsError

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from streamer.training.blending import blended  # noqa: E402 - behind importorskip, as below
from streamer.training.checkpoints import Checkpoint  # noqa: E402
from streamer.training.export import export_conformer  # noqa: E402
from streamer.training.model import Conformer  # noqa: E402
from streamer.training.settings import ModelSettings  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
TINY = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
TOKENS = ["ba1", "ma1", "ma3", "A"]


def model(seed: int) -> Conformer:
    torch.manual_seed(seed)
    made = Conformer(TINY, TOKENS)
    for weights in made.parameters():  # layers that begin alike are exported as one
        torch.nn.init.normal_(weights, std=0.4)
    made.train()(torch.randn(3, 64, 80), torch.tensor([16, 12, 16]))
    return made.eval()


@pytest.fixture(scope="module")
def exported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("blending") / "old.onnx"
    export_conformer(model(1), path, static=False)
    return path


@pytest.fixture
def checkpoint() -> Checkpoint:
    weights = model(2).state_dict()
    return Checkpoint(
        step=7, model=weights, average=weights, optimizer={}, tokens=TOKENS, random=torch.get_rng_state(), best=0.5,
        shape=msgspec.to_builtins(TINY),
    )  # fmt: skip


def test_a_share_of_the_exported_weights_is_mixed_in(checkpoint: Checkpoint, exported: Path) -> None:
    average = blended(checkpoint, exported, 0.25)["average"]

    old, new = model(1).pair.weight, model(2).pair.weight
    assert torch.allclose(average["pair.weight"], 0.75 * new + 0.25 * old, atol=1e-6)


def test_the_stem_stays_the_checkpoints(checkpoint: Checkpoint, exported: Path) -> None:
    average = blended(checkpoint, exported, 1.0)["average"]

    stem = [name for name in average if name.startswith("stem.")]
    assert len(stem) > 10
    assert all(torch.equal(average[name], checkpoint["average"][name]) for name in stem)


def test_no_share_leaves_the_checkpoint(checkpoint: Checkpoint, exported: Path) -> None:
    average = blended(checkpoint, exported, 0.0)["average"]

    assert all(torch.equal(average[name], weight) for name, weight in checkpoint["average"].items())


def test_what_was_made_deeper_is_blended_with_what_that_began_with(exported: Path) -> None:
    deeper = msgspec.structs.replace(TINY, blocks=3)
    average = Conformer(deeper, TOKENS).state_dict()
    trained = Checkpoint(
        step=7, model=average, average=average, optimizer={}, tokens=TOKENS, random=torch.get_rng_state(), best=0.5,
        shape=msgspec.to_builtins(deeper),
    )  # fmt: skip

    found = blended(trained, exported, 1.0)["average"]

    assert torch.allclose(found["blocks.0.norm.weight"], model(1).state_dict()["blocks.0.norm.weight"], atol=1e-6)
    assert torch.equal(found["blocks.2.after.narrow.weight"], torch.zeros(16, 16))


@pytest.mark.parametrize("share", [-0.1, 1.1])
def test_a_share_out_of_range_is_refused(checkpoint: Checkpoint, exported: Path, share: float) -> None:
    with pytest.raises(SettingsError, match=rf"--share {share}: expected a number from 0 .* to 1"):
        blended(checkpoint, exported, share)
