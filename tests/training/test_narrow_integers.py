"""Graphs with 64-bit numbers: what becomes narrow, and what must not."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

onnx = pytest.importorskip("onnx")

from onnxruntime import InferenceSession  # noqa: E402 - behind importorskip, as below

from streamer.training.narrow_integers import narrow_integers  # noqa: E402

GRAPH = """
<ir_version: 8, opset_import: ["" : 11]>
g (int32[1, 4] ids) => (int32[1, 3] best)
{
    wide = Cast <to = 7> (ids)
    moved = Add (wide, one)
    rows = Gather (table, moved)
    scores = Cast <to = 1> (rows)
    values, places = TopK <axis = 1> (scores, three)
    best = Cast <to = 6> (places)
}
"""


def model(one: int = 1) -> Any:
    made = onnx.parser.parse_model(GRAPH)
    constants: dict[str, npt.NDArray[np.generic]] = {
        "one": np.array([one], np.int64), "table": np.array([3, -5, 9, 4, 8, 0], np.int16), "three": np.array([3]),
    }  # fmt: skip
    made.graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in constants.items())
    return made


def test_numbers_are_narrow_and_counts_stay() -> None:
    graph = narrow_integers(model()).graph
    kinds = {tensor.name: str(onnx.numpy_helper.to_array(tensor).dtype) for tensor in graph.initializer}

    assert kinds == {"one_narrow": "int32", "table": "int32", "three": "int64"}
    assert [node.op_type for node in graph.node] == ["Add", "Gather", "Cast", "TopK", "Cast", "Cast"]
    assert {value.name for value in graph.value_info if value.type.tensor_type.elem_type == onnx.TensorProto.INT64} == {
        "places_wide"
    }


def test_the_outputs_are_the_same() -> None:
    ids = np.array([[0, 1, 2, 4]], np.int32)
    found = [
        InferenceSession(each.SerializeToString()).run(["best"], {"ids": ids})[0].tolist()
        for each in (model(), narrow_integers(model()))
    ]

    assert found == [[[1, 2, 3]]] * 2


def test_a_number_of_more_than_32_bits_is_refused() -> None:
    with pytest.raises(OverflowError, match="the constant one goes to 4294967296"):
        narrow_integers(model(2**32))
