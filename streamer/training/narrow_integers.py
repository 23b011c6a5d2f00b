"""Integers of 32 bits where the exporter wrote 64: Ascend's operators on numbers are documented for no wider ones.

Shapes and axes stay as ONNX wants them; they are constants, which ``atc`` reads when it compiles.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command

PARAMETERS: Final = {
    "Pad": {1}, "ReduceSum": {1}, "Reshape": {1}, "Slice": {1, 2, 3, 4}, "Split": {1}, "Squeeze": {1}, "TopK": {1},
    "Unsqueeze": {1},
}  # fmt: skip
"""Inputs that are shapes, axes and counts, by operator."""
_WIDE_OUTPUTS: Final = {"ArgMax": 0, "TopK": 1}
"""Outputs that ONNX defines as int64, by operator."""


def narrow_integers(model: Any) -> Any:
    """The same graph with 32-bit numbers; 16-bit tables, which ``Cast`` is not documented for, widen to what is read.

    What a graph computes has to fit, which only its ids can show; its constants are checked.

    Args:
        model: an ONNX model without subgraphs, of fixed shapes, whose outputs are not int64.

    Raises:
        MissingDependencyError: onnx (extra ``train``) is not installed.
        OverflowError: a constant does not fit in 32 bits.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by training only
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    graph, wide, narrow = model.graph, onnx.TensorProto.INT64, onnx.TensorProto.INT32
    constants = {tensor.name: tensor for tensor in graph.initializer}
    nodes = []
    for node in graph.node:
        for place, name in enumerate(node.input):
            tensor = constants.get(name)
            if tensor is not None and tensor.data_type == wide and place not in PARAMETERS.get(node.op_type, ()):
                node.input[place] = _narrowed(onnx, graph, constants, tensor)
        if node.op_type == "Cast" and node.attribute[0].i == wide:
            node.attribute[0].i = narrow
        nodes.append(node)
        output = _WIDE_OUTPUTS.get(node.op_type)
        if output is not None:
            name = node.output[output]
            node.output[output] = f"{name}_wide"
            nodes.append(onnx.helper.make_node("Cast", [f"{name}_wide"], [name], name=f"{name}_narrow", to=narrow))
    _widen_tables(onnx, nodes, constants)
    _replace(graph.node, nodes)
    del graph.value_info[:]
    return _without_idle_casts(onnx, onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True))


def _narrowed(onnx: Any, graph: Any, constants: dict[str, Any], tensor: Any) -> str:
    """Name of a 32-bit copy, made once."""
    name = f"{tensor.name}_narrow"
    if name not in constants:
        numbers = onnx.numpy_helper.to_array(tensor)
        limits = np.iinfo(np.int32)
        if numbers.size and not limits.min <= numbers.min() <= numbers.max() <= limits.max:
            raise OverflowError(
                f"the constant {tensor.name} goes to {np.abs(numbers).max()}; fixed-shape graphs have 32-bit integers: "
                "compute with smaller numbers, as streamer.training.remainders does"
            )
        graph.initializer.append(onnx.numpy_helper.from_array(numbers.astype(np.int32), name))
        constants[name] = graph.initializer[-1]
    return name


def _widen_tables(onnx: Any, nodes: list[Any], constants: dict[str, Any]) -> None:
    """Make 16-bit tables that only casts read 32 bits wide."""
    tables = {node.output[0]: constants[node.input[0]] for node in nodes if node.op_type == "Gather" and (
        node.input[0] in constants and constants[node.input[0]].data_type == onnx.TensorProto.INT16)}  # fmt: skip
    for tensor in tables.values():
        if tensor.data_type == onnx.TensorProto.INT16:
            numbers = onnx.numpy_helper.to_array(tensor).astype(np.int32)
            tensor.CopyFrom(onnx.numpy_helper.from_array(numbers, tensor.name))


def _without_idle_casts(onnx: Any, model: Any) -> Any:
    """Take out casts to what the input is already, and constants that nothing reads."""
    graph = model.graph
    types = {value.name: value.type.tensor_type.elem_type for value in [*graph.value_info, *graph.input]}
    types |= {tensor.name: tensor.data_type for tensor in graph.initializer}
    outputs = {value.name for value in graph.output}
    sources: dict[str, str] = {}
    kept = []
    for node in graph.node:
        for place, name in enumerate(node.input):
            node.input[place] = sources.get(name, name)
        idle = node.op_type == "Cast" and types[node.input[0]] == node.attribute[0].i
        if idle and node.output[0] not in outputs:
            sources[node.output[0]] = node.input[0]
        else:
            kept.append(node)
    read = {name for node in kept for name in node.input}
    _replace(graph.initializer, [tensor for tensor in graph.initializer if tensor.name in read])
    _replace(graph.node, kept)
    del graph.value_info[:]
    return onnx.shape_inference.infer_shapes(model, check_type=True, strict_mode=True)


def _replace(field: Any, values: list[Any]) -> None:
    copies = [type(value).FromString(value.SerializeToString()) for value in values]
    del field[:]
    field.extend(copies)
