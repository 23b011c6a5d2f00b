from __future__ import annotations

from pathlib import Path

import pytest

from streamer.errors import SettingsError

torch = pytest.importorskip("torch")
pytest.importorskip("onnx")

from streamer.training.export import export_conformer, quantize_matmuls  # noqa: E402 - behind importorskip, as below
from streamer.training.exported import exported_blocks, exported_model, renormalise  # noqa: E402
from streamer.training.model import Block, Conformer  # noqa: E402
from streamer.training.settings import ModelSettings  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
TINY = ModelSettings(width=16, blocks=2, heads=2, feed_forward=16, kernel=5, stem=4, head=8)
TOKENS = ["ba1", "ma1", "ma3", "A"]


@pytest.fixture(scope="module")
def trained() -> Conformer:
    torch.manual_seed(6)
    model = Conformer(TINY, TOKENS)
    for weights in model.parameters():
        torch.nn.init.normal_(weights, std=0.4)
    model.train()(*sound(7))  # the running statistics of the stem are no longer those of a fresh model
    return model.eval()


@pytest.fixture(scope="module")
def plain(trained: Conformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "plain.onnx"
    export_conformer(trained, path, static=False)
    trained.eval()  # torch's exporter leaves training on
    return path


def sound(seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(3, 64, 80, generator=generator) + 0.5, torch.tensor([16, 12, 16])


def scores(model: Conformer) -> torch.Tensor:
    with torch.no_grad():
        return model(*sound(1)).final


def test_an_exported_model_scores_as_the_one_it_was_made_of(trained: Conformer, plain: Path) -> None:
    assert torch.allclose(scores(exported_model(plain, TINY, TOKENS)), scores(trained), atol=1e-4)


def test_an_export_of_before_shares_were_in_its_weights_is_read_too(
    trained: Conformer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Block, "take_share_in", lambda _block: None)
    export_conformer(trained, tmp_path / "older.onnx", static=False)
    trained.eval()

    assert torch.allclose(scores(exported_model(tmp_path / "older.onnx", TINY, TOKENS)), scores(trained), atol=1e-4)


def test_an_int8_export_comes_back_as_its_rounded_weights(trained: Conformer, plain: Path, tmp_path: Path) -> None:
    quantize_matmuls(plain, tmp_path / "int8.onnx")

    model = exported_model(tmp_path / "int8.onnx", TINY, TOKENS)

    largest = trained.pair.weight.abs().amax(dim=1, keepdim=True)
    assert ((model.pair.weight - trained.pair.weight).abs() <= largest / 127).all()


def test_an_exported_models_blocks_are_counted(plain: Path) -> None:
    assert exported_blocks(plain) == 2


def test_normalising_anew_changes_nothing_but_the_statistics(plain: Path) -> None:
    model = exported_model(plain, TINY, TOKENS)
    before = scores(model)

    renormalise(model, [sound(1), sound(2)])

    assert torch.allclose(scores(model), before, atol=1e-4)
    assert not torch.allclose(model.stem.norms[0].running_mean, torch.zeros(4))


def test_after_normalising_training_sees_what_inference_sees(plain: Path) -> None:
    model = exported_model(plain, TINY, TOKENS)
    renormalise(model, [sound(1)])
    inference = scores(model)

    learning = model.train()
    for layer in learning.modules():
        if hasattr(layer, "share"):
            layer.share = 0.0

    assert torch.allclose(scores(learning), inference, atol=1e-2)


def test_another_shape_is_refused(plain: Path) -> None:
    with pytest.raises(SettingsError, match="does not hold the weights that"):
        exported_model(plain, ModelSettings(width=16, blocks=3, heads=2, feed_forward=16, stem=4, head=8), TOKENS)


def test_what_is_no_model_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.onnx").write_text("no model", encoding="utf-8")

    with pytest.raises(SettingsError, match="is no ONNX model"):
        exported_model(tmp_path / "text.onnx", TINY, TOKENS)
