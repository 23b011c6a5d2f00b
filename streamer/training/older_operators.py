"""Graphs of ONNX's newer sets of operators in those of set 11, which all lists of what ``atc`` compiles cover."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from streamer.errors import MissingDependencyError, PackError
from streamer.system.installation import package_command
from streamer.training.static_form import STATIC_OPSET

_AXES: Final = {"Squeeze": "axes", "Unsqueeze": "axes", "ReduceSum": "axes", "Split": "split"}
"""What was an attribute before set 13 and is an input since, by operator."""
_NEWER: Final = {
    "ArgMax": "select_last_index", "ReduceSum": "noop_with_empty_axes", "Reshape": "allowzero",
    "ScatterElements": "reduction",
}  # fmt: skip
"""An attribute that older sets do not have, by operator; they do what its default (0, ``none``) says."""


def in_older_operators(model: Any, ids: int) -> Any:
    """The same graph in operators of ``STATIC_OPSET``, without products of ids that need 64 bits.

    Args:
        model: an ONNX model of set 13 to 17, without subgraphs, whose shapes are constants.
        ids: more than the highest id that remainders are taken of.

    Raises:
        MissingDependencyError: onnx is not installed.
        PackError: a remainder is taken of something else than a sum of multiples of ids.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by makers of packs only
    except ImportError as error:
        raise MissingDependencyError(f"onnx is not installed: {package_command('onnx')}") from error
    writer = _Writer(onnx, model.graph, ids)
    for node in model.graph.node:
        writer.write(node)
    nodes = [type(node).FromString(node.SerializeToString()) for node in _needed(writer.nodes, model.graph)]
    del model.graph.node[:]
    model.graph.node.extend(nodes)
    del model.opset_import[:]
    model.opset_import.append(onnx.helper.make_opsetid("", STATIC_OPSET))
    model.ir_version = min(model.ir_version, 6)
    del model.graph.value_info[:]
    return model


def _needed(nodes: list[Any], graph: Any) -> list[Any]:
    """Nodes that an output depends on, in order."""
    wanted = {value.name for value in graph.output}
    kept = []
    for node in reversed(nodes):
        if wanted & set(node.output):
            wanted |= set(node.input)
            kept.append(node)
    return kept[::-1]


class _Writer:
    """Writes nodes one after the other, those of newer sets as several of older ones."""

    def __init__(self, onnx: Any, graph: Any, ids: int) -> None:
        self.nodes: list[Any] = []
        self._onnx = onnx
        self._graph = graph
        self._ids = ids
        self._constants = {each.name: onnx.numpy_helper.to_array(each) for each in graph.initializer}
        self._makers = {name: node for node in graph.node for name in node.output}
        self._types = {
            value.name: value.type.tensor_type.elem_type
            for value in [*onnx.shape_inference.infer_shapes(_model_of(onnx, graph)).graph.value_info, *graph.input]
        }
        self._special: dict[str, Callable[[Any], None]] = {
            "LayerNormalization": self._normalisation,
            "ReduceLogSumExp": self._log_sum,
            "GreaterOrEqual": self._at_least,
            "Clip": self._clip,
            "Mod": self._remainder,
        }

    def write(self, node: Any) -> None:
        """Write one node of the graph."""
        if node.op_type in self._special:
            self._special[node.op_type](node)
            return
        own = type(node).FromString(node.SerializeToString())
        if node.op_type in _AXES and len(node.input) > 1 and node.input[1]:
            values = [int(each) for each in np.atleast_1d(self._constants[node.input[1]])]
            del own.input[1:]
            own.attribute.append(self._onnx.helper.make_attribute(_AXES[node.op_type], values))
        for attribute in [each for each in own.attribute if each.name == _NEWER.get(node.op_type)]:
            if attribute.i or attribute.s not in {b"", b"none"}:
                raise PackError(f"{node.name}: {attribute.name} is set, which ONNX's operators of set 11 do not know")
            own.attribute.remove(attribute)
        if node.op_type == "Unsqueeze" and self._types.get(node.input[0]) == self._onnx.TensorProto.BOOL:
            self._as_numbers(own)
        else:
            self.nodes.append(own)

    def _add(self, operator: str, inputs: list[str], output: str, **attributes: Any) -> str:
        node = self._onnx.helper.make_node(operator, inputs, [output], name=f"{output}/{operator}", **attributes)
        self.nodes.append(node)
        return output

    def _constant(self, values: npt.ArrayLike, name: str) -> str:
        self._graph.initializer.append(self._onnx.numpy_helper.from_array(np.asarray(values), name))
        return name

    def _attributes(self, node: Any) -> dict[str, Any]:
        return {each.name: self._onnx.helper.get_attribute_value(each) for each in node.attribute}

    def _as_numbers(self, node: Any) -> None:
        """An operator on conditions that is documented for numbers only."""
        source, output = node.input[0], node.output[0]
        node.input[0] = self._add("Cast", [source], f"{output}/numbers", to=self._onnx.TensorProto.INT32)
        node.output[0] = f"{output}/changed"
        self.nodes.append(node)
        self._add("Cast", [node.output[0]], output, to=self._onnx.TensorProto.BOOL)

    def _normalisation(self, node: Any) -> None:
        name, axis = node.output[0], self._attributes(node).get("axis", -1)
        if axis != -1:
            raise PackError(f"{node.name} normalises over axes from {axis} on; expected the last one")
        epsilon = self._constant(np.float32(self._attributes(node).get("epsilon", 1e-5)), f"{name}/epsilon")
        mean = self._add("ReduceMean", [node.input[0]], f"{name}/mean", axes=[-1], keepdims=1)
        centred = self._add("Sub", [node.input[0], mean], f"{name}/centred")
        squares = self._add("Pow", [centred, self._constant(np.float32(2), f"{name}/two")], f"{name}/squares")
        variance = self._add("ReduceMean", [squares], f"{name}/variance", axes=[-1], keepdims=1)
        root = self._add("Sqrt", [self._add("Add", [variance, epsilon], f"{name}/positive")], f"{name}/root")
        scaled = self._add("Mul", [self._add("Div", [centred, root], f"{name}/unit"), node.input[1]], f"{name}/scaled")
        self._add("Add", [scaled, node.input[2]], name)

    def _log_sum(self, node: Any) -> None:
        name, attributes = node.output[0], self._attributes(node)
        axes = list(attributes["axes"])
        highest = self._add("ReduceMax", [node.input[0]], f"{name}/highest", axes=axes, keepdims=1)
        shares = self._add("Exp", [self._add("Sub", [node.input[0], highest], f"{name}/below")], f"{name}/shares")
        total = self._add("ReduceSum", [shares], f"{name}/total", axes=axes, keepdims=1)
        wide = [self._add("Log", [total], f"{name}/log"), highest]
        if attributes.get("keepdims", 1):
            self._add("Add", wide, name)
        else:
            self._add("Squeeze", [self._add("Add", wide, f"{name}/wide")], name, axes=axes)

    def _at_least(self, node: Any) -> None:
        self._add("Not", [self._add("Less", list(node.input), f"{node.output[0]}/less")], node.output[0])

    def _clip(self, node: Any) -> None:
        """Limits of integers, which Clip has since set 12 only."""
        if self._types.get(node.input[0]) == self._onnx.TensorProto.FLOAT:
            self.nodes.append(type(node).FromString(node.SerializeToString()))
            return
        value, name = node.input[0], node.output[0]
        limits = [(place, limit) for place, limit in enumerate(node.input[1:]) if limit]
        for number, (place, limit) in enumerate(limits, 1):
            output = name if number == len(limits) else f"{name}/limited"
            order = [value, limit] if place == 0 else [limit, value]
            value = self._add("Where", [self._add("Less", order, f"{output}/beyond"), limit, value], output)

    def _remainder(self, node: Any) -> None:
        """Each id's share of the remainder from a table, and the shares added; see :mod:`.remainders`."""
        name, modulus = node.output[0], int(self._constants[node.input[1]])
        terms = self._terms(node.input[0], 1)
        limit = self._constant(np.int64(modulus), f"{name}/modulus")
        total = ""
        for number, (source, factor) in enumerate(terms):
            table = self._constant(
                np.arange(self._ids, dtype=np.int64) * (factor % modulus) % modulus, f"{name}/{number}"
            )
            share = self._add("Gather", [table, source], f"{name}/share{number}", axis=0)
            if total:
                sum_ = self._add("Add", [total, share], f"{name}/sum{number}")
                below = self._add("Less", [sum_, limit], f"{name}/below{number}")
                share = self._add(
                    "Where",
                    [below, sum_, self._add("Sub", [sum_, limit], f"{name}/over{number}")],
                    f"{name}/part{number}",
                )
            total = share
        self._add("Cast", [total], name, to=self._types.get(node.output[0], self._onnx.TensorProto.INT64))

    def _terms(self, name: str, factor: int) -> list[tuple[str, int]]:
        """A sum of multiples of ids: what is multiplied, and by what."""
        maker = self._makers.get(name)
        if maker is not None and maker.op_type == "Add":
            return [term for each in maker.input for term in self._terms(each, factor)]
        if maker is not None and maker.op_type == "Mul":
            numbers = [each for each in maker.input if each in self._constants]
            if len(numbers) != 1 or self._constants[numbers[0]].size != 1:
                raise PackError(f"{maker.name} multiplies ids by something else than a constant")
            (other,) = [each for each in maker.input if each != numbers[0]]
            return self._terms(other, factor * int(self._constants[numbers[0]]))
        return [(name, factor)]


def _model_of(onnx: Any, graph: Any) -> Any:
    return onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)])
