from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

torch = pytest.importorskip("torch")
onnx = pytest.importorskip("onnx")

from streamer.asr.runners.onnx import OnnxRunner  # noqa: E402 - behind importorskip, as below
from streamer.settings.recognizer import RecognizerSettings  # noqa: E402
from streamer.training.export import collapsed, export_conformer, quantize_matmuls  # noqa: E402
from streamer.training.model import Conformer  # noqa: E402
from tests.training.conformer_samples import TINY, TOKENS  # noqa: E402

pytestmark = [pytest.mark.train, pytest.mark.filterwarnings("ignore::DeprecationWarning")]
Outputs = tuple[npt.NDArray[np.int32], npt.NDArray[np.float32]]


@pytest.fixture(scope="module")
def model() -> Conformer:
    torch.manual_seed(5)
    model = Conformer(TINY, TOKENS).eval()
    # Sharper scores, so that tokens and blanks follow one another.
    torch.nn.init.normal_(model.scores.components, std=2.0)
    return model


@pytest.fixture(scope="module")
def folder(model: Conformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("export")
    export_conformer(model, folder / "dynamic.onnx", static=False)
    export_conformer(model, folder / "static.onnx", static=True)
    model.eval()  # torch's exporter leaves training on
    return folder


def run(path: Path, features: npt.NDArray[np.float32], length: int) -> Outputs:
    inputs = {"features": features, "length": np.array([[length]], np.int32)}
    outputs = OnnxRunner(path, RecognizerSettings()).run(inputs)
    return outputs["ids"], outputs["log_probs"]


def noise(frames: int) -> npt.NDArray[np.float32]:
    return np.random.default_rng(frames).standard_normal((1, frames, 80, 1)).astype(np.float32)


@pytest.mark.parametrize("frames", [1, 8, 13, 287, 1000, 1001])
def test_static_and_dynamic_form_give_the_same_ids(folder: Path, frames: int) -> None:
    features, length = noise(frames), min(250, frames // 4)
    padded = np.zeros((1, 1001, 80, 1), np.float32)
    padded[:, :frames] = features
    ids, log_probs = run(folder / "dynamic.onnx", features, length)
    static_ids, static_log_probs = run(folder / "static.onnx", padded, length)
    assert ids.tolist() == static_ids.tolist()
    assert np.allclose(log_probs[:, :length], static_log_probs[:, :length], atol=1e-4)
    assert (ids >= 0).any() == (length > 0)


def test_shapes_and_types_are_the_contracts(folder: Path) -> None:
    ids, log_probs = run(folder / "dynamic.onnx", noise(1001), 250)
    assert (ids.shape, ids.dtype) == ((1, 251), np.int32)
    assert (log_probs.shape, log_probs.dtype) == ((1, 250, len(TOKENS) + 1), np.float32)
    assert np.allclose(np.exp(log_probs).sum(axis=-1), 1, atol=1e-4)


def test_the_exported_form_scores_as_the_model(model: Conformer, folder: Path) -> None:
    features = noise(287)
    with torch.no_grad():
        scores = model(torch.from_numpy(features[..., 0]), torch.tensor([71])).final
    _, log_probs = run(folder / "dynamic.onnx", features, 71)
    assert np.allclose(log_probs, torch.log_softmax(scores, dim=-1).numpy(), atol=1e-4)


def test_onnxruntime_gets_its_quick_operators(folder: Path) -> None:
    graph = onnx.load(str(folder / "dynamic.onnx")).graph
    sizes = {constant.name: len(constant.dims) for constant in graph.initializer}
    assert {sizes[node.input[1]] for node in graph.node if node.op_type == "Conv"} == {4}
    assert [node.op_type for node in graph.node if "features" in node.input] == ["Squeeze"]


@pytest.mark.parametrize("name", ["dynamic.onnx", "static.onnx"])
@pytest.mark.parametrize("length", [1, 2, 71])
def test_what_is_behind_the_length_is_not_heard(folder: Path, name: str, length: int) -> None:
    features = noise(1001)
    other = features.copy()
    other[:, 4 * length :] = noise(1001 - 4 * length)
    (ids, log_probs), (other_ids, other_log_probs) = (run(folder / name, each, length) for each in (features, other))
    assert ids.tolist() == other_ids.tolist()
    assert np.array_equal(log_probs[:, :length], other_log_probs[:, :length])


def test_without_padding_nothing_is_masked(folder: Path) -> None:
    graph = onnx.load(str(folder / "dynamic.onnx")).graph
    makers = {name: node.op_type for node in graph.node for name in node.output}
    assert {makers[node.input[0]] for node in graph.node if node.op_type == "Softmax"} == {"Div"}


@pytest.mark.parametrize("name", ["dynamic.onnx", "static.onnx"])
def test_length_zero_gives_no_ids(folder: Path, name: str) -> None:
    ids, _ = run(folder / name, noise(1001), 0)
    assert (ids == -1).all()


def test_the_static_form_has_no_dynamic_operator(folder: Path) -> None:
    operators = {node.op_type for node in onnx.load(str(folder / "static.onnx")).graph.node}
    assert not operators & {"NonZero", "Compress", "Unique", "Loop", "If", "Scan", "Range"}


def test_quantised_weights_change_little(folder: Path) -> None:
    quantize_matmuls(folder / "dynamic.onnx", folder / "int8.onnx")
    features = noise(200)
    _, exact = run(folder / "dynamic.onnx", features, 50)
    _, coarse = run(folder / "int8.onnx", features, 50)
    assert np.abs(np.exp(exact) - np.exp(coarse)).mean() < 0.03
    operators = {node.op_type for node in onnx.load(str(folder / "int8.onnx")).graph.node}
    assert "MatMulInteger" in operators
    assert "ConvInteger" not in operators


@pytest.mark.parametrize(
    ("best", "length", "ids"),
    [
        ([0, 0, 2, 0, 1, 1], 6, [0, 0, 1]),
        ([2, 2, 2], 3, []),
        ([0, 1, 1, 0], 2, [0, 1]),
        ([1, 1, 2, 1], 4, [1, 1]),
    ],
)
def test_repeats_and_blanks_collapse(best: list[int], length: int, ids: list[int]) -> None:
    log_probs = torch.nn.functional.one_hot(torch.tensor([best]), 3).float()
    found = collapsed(log_probs, torch.tensor([length]))[0].tolist()
    assert found == ids + [-1] * (251 - len(ids))
