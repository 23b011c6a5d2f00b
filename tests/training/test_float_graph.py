from __future__ import annotations

import numpy as np
import torch
from onnx import GraphProto, NodeProto, TensorProto, helper

from streamer.training.float_graph import FloatGraph
from streamer.training.graph_steps import steps_of
from streamer.training.torch_graph import TorchGraph
from tests.training.onnx_samples import Arrays, drawn, reference, small_graph

make = helper.make_node


def integers(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(-127, 128, shape).astype(np.int8)


def number(value: float) -> np.ndarray:
    return np.array(value, np.float32)


def run(graph: GraphProto, inputs: Arrays) -> list[np.ndarray]:
    """By PyTorch, in float."""
    floats = FloatGraph(graph)
    steps = steps_of(floats.nodes())
    torch_graph = TorchGraph(steps, floats.constants(), list(inputs), [each.name for each in graph.output])
    return [each.numpy() for each in torch_graph(*map(torch.from_numpy, inputs.values()))]


def quantised(kind: str, **attributes: object) -> list[NodeProto]:
    return [
        make("DynamicQuantizeLinear", ["x"], ["levels", "step", "zero"]),
        make(kind, ["levels", "weights", "zero", "weights_zero"], ["whole"], **attributes),
        make("Mul", ["step", "weights_step"], ["scale"]),
    ]


WEIGHT = {"weights_step": number(0.01), "weights_zero": np.array(3, np.int8)}


def test_an_integer_convolution_with_a_rounded_bias_becomes_a_float_one() -> None:
    nodes = [
        *quantised("ConvInteger", pads=[1, 1], strides=[1], dilations=[1], group=1, kernel_shape=[3]),
        make("Div", ["bias", "scale"], ["bias_levels"]),
        make("Floor", ["bias_levels"], ["bias_floor"]),
        make("Cast", ["bias_floor"], ["bias_whole"], to=TensorProto.INT32),
        make("Reshape", ["bias_whole", "column"], ["bias_column"]),
        make("Add", ["whole", "bias_column"], ["sum"]),
        make("Cast", ["sum"], ["float"], to=TensorProto.FLOAT),
        make("Mul", ["float", "scale"], ["y"]),
    ]
    weights, bias = integers(2, 4, 3), drawn(2, seed=1)
    inputs = {"x": drawn(1, 4, 9, seed=2)}
    constants = {"weights": weights, "bias": bias, "column": np.array([1, -1, 1]), **WEIGHT}
    graph = small_graph(nodes, inputs, constants, ["y"])
    (made,) = run(graph, inputs)
    floats = torch.from_numpy((weights.astype(np.float32) - 3) * np.float32(0.01))
    exact = torch.nn.functional.conv1d(torch.from_numpy(inputs["x"]), floats, torch.from_numpy(bias), padding=1)
    np.testing.assert_allclose(made, exact, atol=1e-6)
    np.testing.assert_allclose(made, reference(graph, inputs)[0], atol=0.1)


def test_an_integer_product_becomes_a_float_one() -> None:
    nodes = [
        *quantised("MatMulInteger"),
        make("Cast", ["whole"], ["float"], to=TensorProto.FLOAT),
        make("Mul", ["float", "scale"], ["y"]),
    ]
    weights, inputs = integers(5, 3), {"x": drawn(2, 4, 5)}
    graph = small_graph(nodes, inputs, {"weights": weights, **WEIGHT}, ["y"])
    (made,) = run(graph, inputs)
    np.testing.assert_allclose(made, inputs["x"] @ ((weights.astype(np.float32) - 3) * np.float32(0.01)), atol=1e-5)
    np.testing.assert_allclose(made, reference(graph, inputs)[0], atol=0.1)


def test_rows_of_a_quantised_table_become_rows_of_a_float_one() -> None:
    nodes = [make("Gather", ["table", "ids"], ["rows"]), make("DequantizeLinear", ["rows", "step", "zero"], ["y"])]
    inputs = {"ids": np.array([[3, 0]])}
    constants = {"table": integers(4, 2), "step": number(0.5), "zero": np.array(-1, np.int8)}
    graph = small_graph(nodes, inputs, constants, ["y"])
    (made,) = run(graph, inputs)
    np.testing.assert_array_equal(made, reference(graph, inputs)[0])
    np.testing.assert_array_equal(made, (constants["table"][[[3, 0]]].astype(np.float32) + 1) * 0.5)


def test_a_quantised_lstm_becomes_a_float_one() -> None:
    names = ("x", "w", "r", "b", "", "h", "h", "", *(f"onnx::LSTM_{place}" for place in range(4)))
    node = make("DynamicQuantizeLSTM", names, ["y"], domain="com.microsoft", direction="bidirectional", hidden_size=4)
    inputs = {"x": drawn(6, 1, 3)}
    steps, zeros = np.array([0.01, 0.02], np.float32), np.array([0, 0], np.int8)
    constants = {
        "w": integers(2, 3, 16) // 2, "r": integers(2, 4, 16, seed=1) // 2, "b": drawn(2, 32),
        "h": np.zeros((2, 1, 4), np.float32),
        names[8]: steps, names[9]: zeros, names[10]: steps, names[11]: zeros,
    }  # fmt: skip
    # Halves: processors without VNNI add two products in 16 bits, and the reference runs the graph as it is.
    graph = small_graph([node], inputs, constants, ["y"])
    (made,) = run(graph, inputs)
    np.testing.assert_allclose(made, reference(graph, inputs)[0], atol=0.02)
