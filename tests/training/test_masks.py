"""An acoustic model that cuts padding off gives the same where nothing can be cut."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from streamer.training.masks import mask_padding

CUTTING = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, {frames}, 4, 1] features, int32[1, 1] length) => (float[1, steps, 2] y)
<
    int64[1] first = {{0}}, int64[1] one = {{1}}, int64[1] bands = {{3}}, int64 four = {{4}},
    float[2, 1, 3, 3] weights = {{1, 2, -1, 0.5, 3, 1, -2, 0.1, 0.7, 1, -1, 2, 0.3, 1, 1, -1, 1, 2}},
    float[2] bias = {{0.5, 0.25}}, int64[3] flat = {{1, -1, 4}}, float[4, 2] mixing = {{1, 2, -1, 1, 0.5, 1, 1, -1}}
>
{{
    wide = Cast <to = 7> (length)
    units = Reshape (wide, one)
    frames = Mul (units, four)
    three = Squeeze (features, bands)
    heard = Slice (three, first, frames, one, one)
    picture = Unsqueeze (heard, one)
    halves = Conv <kernel_shape = [3, 3], pads = [1, 1, 1, 1], strides = [2, 2]> (picture, weights, bias)
    loud = Relu (halves)
    turned = Transpose <perm = [0, 2, 1, 3]> (loud)
    steps = Reshape (turned, flat)
    keys = Transpose <perm = [0, 2, 1]> (steps)
    scores = MatMul (steps, keys)
    shares = Softmax <axis = -1> (scores)
    mixed = MatMul (shares, steps)
    y = MatMul (mixed, mixing)
}}
"""


def graph(frames: int | str) -> Any:
    return onnx.parser.parse_model(CUTTING.format(frames=frames))


def run(model: Any, features: npt.NDArray[np.float32], length: int) -> npt.NDArray[np.float32]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: npt.NDArray[np.float32] = session.run(
        None, {"features": features, "length": np.array([[length]], np.int32)}
    )[0]
    return found


@pytest.mark.parametrize("length", [1, 3, 5])
def test_padding_changes_nothing(length: int) -> None:
    features = np.random.default_rng(length).normal(size=(1, 21, 4, 1)).astype(np.float32)
    expected = run(graph("n"), features, length)

    found = run(mask_padding(graph(21)), features, length)

    assert found.shape == (1, 11, 2)
    np.testing.assert_allclose(found[:, : 2 * length], expected, rtol=1e-5, atol=1e-6)


def test_a_mask_is_made_once_for_each_number_of_steps() -> None:
    operators = [node.op_type for node in mask_padding(graph(21)).graph.node]

    assert operators.count("Less") == 2
    assert operators.count("Slice") == 0


def test_a_model_that_cuts_nothing_is_left_alone() -> None:
    model = graph(21)
    next(node for node in model.graph.node if node.op_type == "Slice").input[2] = "bands"
    before = model.SerializeToString()

    assert mask_padding(model).SerializeToString() == before
