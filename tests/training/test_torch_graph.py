from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
import torch
from onnx import TensorProto, helper

from streamer.training.graph_steps import steps_of
from streamer.training.torch_graph import OPERATORS, TorchGraph
from tests.training.onnx_samples import drawn, reference, small_graph


@dataclass(frozen=True)
class Case:
    """One operator: names in ``inputs`` come from ``values`` or ``constants``."""

    kind: str
    values: Mapping[str, npt.NDArray[Any]]
    constants: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    outputs: int = 1
    order: tuple[str, ...] = ()
    made: int = TensorProto.FLOAT
    tolerance: float = 1e-5

    def __str__(self) -> str:
        return f"{self.kind} {dict(self.attributes)}"


def whole(*numbers: int) -> npt.NDArray[np.int64]:
    return np.array(numbers, np.int64)


def single(number: float) -> npt.NDArray[np.float32]:
    return np.array(number, np.float32)


X = drawn(2, 4, 6)
PLAIN = [
    Case(kind, {"x": X}) for kind in ("Atan", "Cos", "Exp", "Floor", "Identity", "Round", "Sigmoid", "Sin", "Tanh")
]
PAIRS = [
    *(Case(kind, {"x": X, "y": drawn(2, 1, 6, seed=1)}) for kind in ("Add", "Div", "Mul", "Sub")),
    *(Case(kind, {"x": X}, {"y": drawn(1, 1, 1, seed=1)}) for kind in ("Add", "Div", "Mul", "Sub")),
    *(Case(kind, {"x": X}, {"y": single(0.1)}, made=TensorProto.BOOL) for kind in ("Greater", "Less")),
    Case("Equal", {"x": whole(1, 2, 3), "y": whole(3, 2, 1)}, made=TensorProto.BOOL),
    Case("Pow", {"x": X}, {"y": single(2)}),
    Case("Pow", {"x": abs(X)}, {"y": single(1.5)}),
    Case("MatMul", {"x": X}, {"y": drawn(6, 3)}),
]
NORMALISED = {"weight": drawn(6, seed=1), "bias": drawn(6, seed=2)}
COMPUTED = [
    Case("Sqrt", {"x": abs(X)}),
    Case("Softmax", {"x": X}, attributes={"axis": -1}),
    Case("LeakyRelu", {"x": X}, attributes={"alpha": 0.2}),
    Case("CumSum", {"x": X}, {"axis": np.array(1)}),
    *(
        Case(kind, {"x": X}, {"axes": whole(-1)}, {"keepdims": keep})
        for kind in ("ReduceMean", "ReduceSum")
        for keep in (0, 1)
    ),
    Case("LayerNormalization", {"x": X}, NORMALISED, {"axis": -1, "epsilon": 1e-5}),
    Case("SkipLayerNormalization", {"x": X, "y": drawn(2, 4, 6, seed=3)}, NORMALISED, {"epsilon": 1e-5}),
    Case("FastGelu", {"x": X}, {"bias": drawn(6, seed=1)}),
    Case(
        "Conv", {"x": X}, {"w": drawn(6, 2, 3, seed=1), "b": drawn(6)},
        {"strides": [2], "dilations": [2], "group": 2, "pads": [2, 2], "kernel_shape": [3]},
    ),
    Case(
        "Conv", {"x": X}, {"w": drawn(3, 4, 1, seed=1)},
        {"strides": [1], "dilations": [1], "group": 1, "pads": [0, 0], "kernel_shape": [1]},
    ),
    Case(
        "ConvTranspose", {"x": X}, {"w": drawn(4, 3, 4, seed=1), "b": drawn(3)},
        {"strides": [2], "dilations": [1], "group": 1, "pads": [1, 1], "kernel_shape": [4]},
    ),
    Case(
        "ConvTranspose", {"x": X}, {"w": drawn(4, 1, 3, seed=1), "b": drawn(4)},
        {"strides": [2], "dilations": [1], "group": 4, "pads": [1, 1], "output_padding": [1], "kernel_shape": [3]},
    ),
    Case(
        "STFT", {"x": drawn(2, 40)}, {"hop": np.array(5), "window": np.hanning(20).astype(np.float32)}, {"onesided": 1},
        tolerance=1e-4,  # onnxruntime transforms in single precision
    ),
    Case(
        "LSTM", {"x": drawn(5, 2, 3)},
        {
            "w": drawn(2, 16, 3, seed=1), "r": drawn(2, 16, 4, seed=2), "b": drawn(2, 32, seed=3),
            "h": np.zeros((2, 2, 4), np.float32),
        },
        {"direction": "bidirectional", "hidden_size": 4}, order=("x", "w", "r", "b", "", "h", "h"),
    ),
]  # fmt: skip
ARRANGED = [
    Case("Cast", {"x": X}, attributes={"to": TensorProto.INT64}, made=TensorProto.INT64),
    Case("Concat", {"x": X, "y": drawn(2, 3, 6)}, attributes={"axis": 1}),
    Case("ConstantOfShape", {"x": whole(2, 3)}),
    Case(
        "ConstantOfShape", {"x": whole(2)}, made=TensorProto.INT64,
        attributes={"value": helper.make_tensor("value", TensorProto.INT64, [1], [7])},
    ),
    Case("Expand", {"x": drawn(1, 4, 1)}, {"shape": whole(2, 1, 3)}),
    Case("Expand", {"x": drawn(1, 3)}, {"shape": whole(1, 5, 3)}),
    Case("Gather", {"x": X, "i": whole(3, 0)}, attributes={"axis": 1}, order=("x", "i")),
    Case("Gather", {"x": X}, {"i": np.array(2)}, {"axis": -1}),
    Case("Gather", {"i": np.array([[4, 0], [1, 1]])}, {"t": drawn(5, 3)}, order=("t", "i")),
    Case("Pad", {"x": X}, {"pads": whole(0, 0, 1, 0, 0, 2)}, {"mode": "reflect"}),
    Case("Reshape", {"x": X}, {"shape": whole(0, -1)}),
    Case(
        "Resize", {"x": X}, {"scales": np.array([1, 1, 3], np.float32)},
        {"mode": "nearest", "coordinate_transformation_mode": "asymmetric", "nearest_mode": "floor"},
        order=("x", "", "scales"),
    ),
    Case(
        "Resize", {"x": X}, {"scales": np.array([1, 1, 0.5], np.float32)},
        {"mode": "linear", "coordinate_transformation_mode": "half_pixel"}, order=("x", "", "scales"),
    ),
    Case("Shape", {"x": X}, made=TensorProto.INT64),
    Case("Slice", {"x": X}, {"starts": whole(1, 0), "ends": whole(9, -1), "axes": whole(1, 2), "steps": whole(2, 1)}),
    Case("Slice", {"x": X}, {"starts": whole(1), "ends": whole(2)}),
    Case("Split", {"x": X}, {"sizes": whole(1, 3)}, {"axis": 1}, outputs=2),
    Case("Squeeze", {"x": drawn(1, 4, 1)}, {"axes": whole(0, 2)}),
    Case("Transpose", {"x": X}, attributes={"perm": [1, 2, 0]}),
    Case("Unsqueeze", {"x": drawn(4)}, {"axes": whole(2, 0)}),
    Case("Where", {"c": X > 0, "x": X, "y": drawn(2, 4, 6, seed=1)}),
]  # fmt: skip
CASES = [*PLAIN, *PAIRS, *COMPUTED, *ARRANGED]
FUSED = {"Norm", "Snake"}
"""Tested with the patterns that they stand for."""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_an_operator_gives_what_onnxruntime_gives(case: Case) -> None:
    names = [f"out{place}" for place in range(case.outputs)]
    domain = "com.microsoft" if case.kind in ("FastGelu", "SkipLayerNormalization") else ""
    inputs = case.order or (*case.values, *case.constants)
    node = helper.make_node(case.kind, inputs, names, domain=domain, **case.attributes)
    wanted = reference(small_graph([node], case.values, case.constants, names, case.made), case.values)
    graph = TorchGraph(steps_of([node]), case.constants, list(case.values), names)
    made = graph(*(torch.from_numpy(np.array(value)) for value in case.values.values()))
    for ours, theirs in zip(made, wanted, strict=True):
        assert ours.shape == theirs.shape
        assert ours.numpy().dtype == theirs.dtype
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-5, atol=case.tolerance)


def test_every_operator_is_tested() -> None:
    assert {case.kind for case in CASES} | FUSED == set(OPERATORS)


def test_a_part_begins_at_an_inner_value_and_ends_at_another() -> None:
    nodes = [
        helper.make_node("Exp", ["x"], ["a"]),
        helper.make_node("Mul", ["a", "two"], ["b"]),
        helper.make_node("Add", ["b", "a"], ["c"]),
        helper.make_node("Nonsense", ["c"], ["d"]),
    ]
    part = TorchGraph(steps_of(nodes), {"two": single(2)}, ["a"], ["c", "b"])
    c, b = part(torch.tensor([1.0, 3.0]))
    assert (c.tolist(), b.tolist()) == ([3, 9], [2, 6])


def test_an_unknown_operator_is_named() -> None:
    with pytest.raises(NotImplementedError, match="y: the operator Nonsense"):
        TorchGraph(steps_of([helper.make_node("Nonsense", ["x"], ["y"])]), {}, ["x"], ["y"])


def test_uneven_padding_and_a_begun_lstm_are_refused() -> None:
    attributes = {"strides": [1], "dilations": [1], "group": 1, "pads": [0, 1]}
    node = helper.make_node("Conv", ["x", "w"], ["y"], **attributes)
    with pytest.raises(NotImplementedError, match="y: padding of 0 before and 1 after"):
        TorchGraph(steps_of([node]), {"w": drawn(1, 1, 2)}, ["x"], ["y"])
    lstm = helper.make_node("LSTM", ["x", "w", "r", "b", "", "h"], ["y"])
    with pytest.raises(NotImplementedError, match="y: an LSTM that does not begin with zeros"):
        TorchGraph(steps_of([lstm]), {"h": drawn(2, 1, 4)}, ["x"], ["y"])


def test_a_shape_for_one_becomes_a_shape_for_a_batch() -> None:
    node = helper.make_node("Reshape", ["x", "shape"], ["y"])
    graph = TorchGraph(steps_of([node]), {"shape": whole(1, -1)}, ["x"], ["y"], shapes={"y": [0, -1]})
    assert graph(torch.zeros(3, 4, 5))[0].shape == (3, 20)


def test_a_row_of_a_batch_is_spread_over_its_steps() -> None:
    node = helper.make_node("Expand", ["x", "shape"], ["y"])
    graph = TorchGraph(steps_of([node]), {"shape": whole(1, 3, 2)}, ["x"], ["y"])
    (spread,) = graph(torch.tensor([[1.0, 2.0], [3.0, 4.0]]))
    assert spread.tolist() == [[[1, 2]] * 3, [[3, 4]] * 3]


def test_convolutions_stay_in_half_precision() -> None:
    attributes = {"strides": [1], "dilations": [1], "group": 1, "pads": [0, 0]}
    nodes = [
        helper.make_node("Conv", ["x", "w"], ["a"], **attributes),
        helper.make_node("Mul", ["a", "half"], ["b"]),
        helper.make_node("LeakyRelu", ["b"], ["y"], alpha=0.5),
    ]
    constants = {"w": np.array([[[2.0]]], np.float32), "half": np.array([0.5], np.float32)}
    graph = TorchGraph(steps_of(nodes), constants, ["x"], ["y"], dtype=torch.bfloat16)
    (y,) = graph(torch.tensor([[[1.0, -3.0]]]))
    assert (y.dtype, y.tolist()) == (torch.bfloat16, [[[1.0, -1.5]]])
