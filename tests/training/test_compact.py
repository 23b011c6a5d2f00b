"""Compact graphs compute what they computed, and can be taken back to fp32."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest
from onnxruntime.quantization import QuantType, quantize_dynamic

from streamer.asr.modelpack import find_pack, load_pack
from streamer.training.compact import compact
from streamer.training.unquantised import unquantised

GRAPH = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, frames, 4] features) => (float[1, steps, 3] log_probs)
<float[4, 3] weights = {1, 2, -1, 0.5, 3, 1, -2, 0.1, 0.7, 4, -3, 2}, float[3] bias = {0.5, -0.5, 1}>
{
    two = Constant <value = float {2.0}> ()
    half = Constant <value = float {0.5}> ()
    one = Mul (two, half)
    louder = Mul (features, one)
    states = MatMul (louder, weights)
    shifted = Add (states, bias)
    log_probs = LogSoftmax <axis = -1> (shifted)
}
"""


@pytest.fixture
def quantised(tmp_path: Path) -> Path:
    onnx.save(onnx.parser.parse_model(GRAPH), str(tmp_path / "plain.onnx"))
    path = tmp_path / "int8.onnx"
    quantize_dynamic(str(tmp_path / "plain.onnx"), str(path), weight_type=QuantType.QInt8, per_channel=True)
    return path


def run(path: Path) -> npt.NDArray[np.float32]:
    features = np.random.default_rng(1).normal(size=(1, 9, 4)).astype(np.float32)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    found: npt.NDArray[np.float32] = session.run(["log_probs"], {"features": features})[0]
    return found


def test_it_computes_the_same_to_the_bit(quantised: Path) -> None:
    before = run(quantised)
    compact(quantised)

    assert np.array_equal(run(quantised), before)


def test_constants_are_computed_and_names_are_numbers(quantised: Path) -> None:
    compact(quantised)
    model = onnx.load(str(quantised))
    graph = model.graph

    assert [node.op_type for node in graph.node if node.op_type in {"Constant", "Identity"}] == []
    assert "t1" not in {value.name for value in [*graph.input, *graph.output]}
    names = {name for node in graph.node for name in [*node.input, *node.output, node.name] if name}
    assert sorted(name for name in names if len(name) > 4) == ["features", "log_probs"]
    assert [(each.domain, each.version) for each in model.opset_import] == [("", 17)]


def test_the_weights_are_taken_back_to_the_same_fp32(quantised: Path, tmp_path: Path) -> None:
    onnx.save(unquantised(onnx.load(str(quantised))), str(tmp_path / "before.onnx"))
    compact(quantised)
    onnx.save(unquantised(onnx.load(str(quantised))), str(tmp_path / "after.onnx"))

    assert np.array_equal(run(tmp_path / "after.onnx"), run(tmp_path / "before.onnx"))


def test_it_may_be_done_twice(quantised: Path) -> None:
    compact(quantised)
    once = quantised.read_bytes()
    compact(quantised)

    assert quantised.read_bytes() == once


@pytest.mark.parametrize("name", ["conformer.onnx", "transformer.onnx", "punctuation.onnx", "sentences.onnx"])
def test_the_embedded_models_are_compact(name: str) -> None:
    graph = onnx.load(str(load_pack(find_pack("zh")).path(name))).graph
    outer = {value.name for value in [*graph.input, *graph.output]}
    names = {name for node in graph.node for name in [*node.input, *node.output, node.name]}

    assert max(len(name) for name in names - outer) <= 5
