"""What is folded computes the same at every length."""

from __future__ import annotations

from collections import Counter
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime
import pytest

from streamer.training.known_shapes import fold_known_shapes

HEADS = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n, 6] x) => (float[1, n, 2, 3] y)
<int64 first = {0}, int64 second = {1}, int64[2] heads = {2, 3}, int64[1] axis = {0}>
{
    shape = Shape (x)
    batch = Gather <axis = 0> (shape, first)
    length = Gather <axis = 0> (shape, second)
    batches = Unsqueeze (batch, axis)
    lengths = Unsqueeze (length, axis)
    split = Concat <axis = 0> (batches, lengths, heads)
    y = Reshape (x, split)
}
"""
PAIRS = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n, 6] x) => (float[1, m, 3] y)
<int64 second = {1}, int64 two = {2}, int64[1] one = {1}, int64[1] three = {3}, int64[1] axis = {0}>
{
    shape = Shape (x)
    length = Gather <axis = 0> (shape, second)
    doubled = Mul (length, two)
    lengths = Unsqueeze (doubled, axis)
    halves = Concat <axis = 0> (one, lengths, three)
    y = Reshape (x, halves)
}
"""
ZEROS = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n] x) => (bool[1, n] y)
{
    shape = Shape (x)
    zeros = ConstantOfShape (shape)
    y = Less (x, zeros)
}
"""
POSITIONS = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n] x) => (float[1, n] y)
<int64 second = {1}, int64 zero = {0}, int64 one = {1}>
{
    shape = Shape (x)
    length = Gather <axis = 0> (shape, second)
    places = Range (zero, length, one)
    numbers = Cast <to = 1> (places)
    y = Add (x, numbers)
}
"""
SPREAD = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n] x, float[1, 1] row) => (float[1, n] y)
{
    shape = Shape (x)
    zeros = ConstantOfShape (shape)
    y = Add (row, zeros)
}
"""

CUT = """
<ir_version: 8, opset_import: ["" : 17]>
g (float[1, n] x, int32[1, 1] length) => (int64[m] y)
<int64[1] first = {0}, int64[1] one = {1}, int64 second = {1}, int64 zero = {0}, int64 step = {1}>
{
    wide = Cast <to = 7> (length)
    end = Reshape (wide, one)
    heard = Slice (x, first, end, one)
    shape = Shape (heard)
    size = Gather <axis = 0> (shape, second)
    y = Range (zero, size, step)
}
"""


def run(model: Any, feeds: dict[str, npt.NDArray[Any]]) -> npt.NDArray[Any]:
    session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    found: npt.NDArray[Any] = session.run(["y"], feeds)[0]
    return found


def folded(text: str) -> Any:
    model = onnx.parser.parse_model(text)
    fold_known_shapes(model)
    return model


@pytest.mark.parametrize(
    ("graph", "left"),
    [
        (HEADS, {"Reshape": 1}),
        (PAIRS, {"Reshape": 1}),
        (ZEROS, {"Less": 1}),
        (POSITIONS, {"Shape": 1, "Gather": 1, "Range": 1, "Cast": 1, "Add": 1}),
        (SPREAD, {"Shape": 1, "ConstantOfShape": 1, "Add": 1}),
    ],
    ids=["heads", "pairs", "zeros", "positions", "spread"],
)
def test_only_what_depends_on_the_length_is_left(graph: str, left: dict[str, int]) -> None:
    model = folded(graph)

    assert Counter(node.op_type for node in model.graph.node) == left
    for length in (1, 3, 50):
        shape = [
            length if each.dim_param else each.dim_value for each in model.graph.input[0].type.tensor_type.shape.dim
        ]
        feeds: dict[str, npt.NDArray[Any]] = {"x": np.random.default_rng(length).normal(size=shape).astype(np.float32)}
        if graph is SPREAD:
            feeds["row"] = np.ones((1, 1), np.float32)
        np.testing.assert_array_equal(run(model, feeds), run(onnx.parser.parse_model(graph), feeds))


def test_what_is_as_long_as_an_input_says_is_left() -> None:
    feeds = {"x": np.zeros((1, 9), np.float32), "length": np.array([[5]], np.int32)}

    assert run(folded(CUT), feeds).tolist() == [0, 1, 2, 3, 4]


def test_template_copies_the_length_or_leaves_it_open() -> None:
    shapes = [onnx.numpy_helper.to_array(folded(graph).graph.initializer[-1]).tolist() for graph in (HEADS, PAIRS)]

    assert shapes == [[1, 0, 2, 3], [1, -1, 3]]
