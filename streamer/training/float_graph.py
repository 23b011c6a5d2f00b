"""Quantised ONNX graphs with their weights back in float: what PyTorch can run in batches."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import GraphProto, NodeProto, helper, numpy_helper


class FloatGraph:
    """A graph whose dynamically quantised operators, and rows looked up in quantised tables, become float ones."""

    def __init__(self, graph: GraphProto) -> None:
        self._graph = graph
        self._constants = {constant.name: numpy_helper.to_array(constant) for constant in graph.initializer}
        self._maker = {name: node for node in graph.node for name in node.output}
        self._users: dict[str, list[NodeProto]] = {}
        for node in graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)

    def nodes(self) -> list[NodeProto]:
        """The operators in order, each quantised one replaced where its scaled output was made."""
        replaced: dict[str, NodeProto] = {}
        for node in self._graph.node:
            if node.op_type in ("ConvInteger", "MatMulInteger"):
                scaled, fresh = self._product(node)
                replaced[scaled] = fresh
            elif node.op_type == "DynamicQuantizeLSTM":
                replaced[node.output[0]] = self._lstm(node)
            elif node.op_type == "DequantizeLinear" and self._maker[node.input[0]].op_type == "Gather":
                replaced[node.output[0]] = self._rows(node)
        return [replaced.get(node.output[0], node) for node in self._graph.node]

    def constants(self) -> dict[str, npt.NDArray[Any]]:
        """All constants, with the float weights once :meth:`nodes` was called."""
        return self._constants

    def _product(self, node: NodeProto) -> tuple[str, NodeProto]:
        """The float operator for an integer product, and the name of the output that it makes."""
        (after,) = self._users[node.output[0]]
        bias: list[str] = []
        if after.op_type == "Add":
            rounded = self._maker[next(name for name in after.input if name != node.output[0])]
            while rounded.op_type != "Div":
                rounded = self._maker[rounded.input[0]]
            bias = [rounded.input[0]]
            (after,) = self._users[after.output[0]]
        (scaling,) = self._users[after.output[0]]
        scales = self._maker[next(name for name in scaling.input if name != after.output[0])]
        scale = next(name for name in scales.input if name in self._constants)
        weights = self._float(node.input[1], scale, node.input[3])
        kind = "Conv" if node.op_type == "ConvInteger" else "MatMul"
        source = self._maker[node.input[0]].input[0]
        return scaling.output[0], helper.make_node(
            kind, [source, weights, *bias], [scaling.output[0]], name=node.name, **_attributes(node)
        )

    def _lstm(self, node: NodeProto) -> NodeProto:
        names = [self._float(*(node.input[place] for place in places)) for places in ((1, 8, 9), (2, 10, 11))]
        inputs = [node.input[0], *names, *node.input[3:8]]
        while not inputs[-1]:
            inputs.pop()
        return helper.make_node("LSTM", inputs, list(node.output), name=node.name, **_attributes(node))

    def _rows(self, node: NodeProto) -> NodeProto:
        gather = self._maker[node.input[0]]
        table = self._float(gather.input[0], node.input[1], node.input[2])
        return helper.make_node(
            "Gather", [table, gather.input[1]], list(node.output), name=node.name, **_attributes(gather)
        )

    def _float(self, weights: str, scale: str, zero: str) -> str:
        """Add a float copy of quantised weights; returns its name."""
        values = self._array(weights)
        if scale.startswith("onnx::LSTM"):
            # Of an LSTM: one scale a direction, and the axes the other way round.
            scales, zeros = (np.atleast_1d(self._array(name))[:, None, None] for name in (scale, zero))
            values = ((values - zeros) * scales).transpose(0, 2, 1)
        else:
            values = (values - self._array(zero)) * self._array(scale)
        name = f"{weights}_float"
        self._constants[name] = np.ascontiguousarray(values, np.float32)
        return name

    def _array(self, name: str) -> npt.NDArray[np.float32]:
        array = self._constants[name].astype(np.float32)
        return array.reshape(()) if array.size == 1 else array


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}
