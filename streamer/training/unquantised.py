"""An int8 ONNX file as fp32 again: the weights as they were rounded, multiplied in single precision."""

from __future__ import annotations

from typing import Any

import numpy as np

from streamer.errors import MissingDependencyError, PackError
from streamer.system.installation import package_command


def unquantised(model: Any) -> Any:
    """The same graph with ``MatMul`` in place of the five nodes that onnxruntime's dynamic quantisation makes of one.

    Args:
        model: an ONNX model without subgraphs; it is changed.

    Raises:
        MissingDependencyError: onnx is not installed.
        PackError: it is quantised in another way.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by makers of packs only
    except ImportError as error:
        raise MissingDependencyError(f"onnx is not installed: {package_command('onnx')}") from error
    graph = _Graph(onnx, model.graph)
    for node in model.graph.node:
        if node.op_type == "MatMulInteger":
            graph.replace(node)
    kept = [type(node).FromString(node.SerializeToString()) for node in graph.nodes()]
    del model.graph.node[:]
    model.graph.node.extend(kept)
    read = {name for node in kept for name in node.input}
    tensors = [type(each).FromString(each.SerializeToString()) for each in model.graph.initializer if each.name in read]
    del model.graph.initializer[:]
    model.graph.initializer.extend(tensors)
    del model.graph.value_info[:]
    left = sorted({node.op_type for node in kept if "Quantize" in node.op_type or "Integer" in node.op_type})
    if left:
        raise PackError(
            f"the model is quantised in a way that cannot be undone ({', '.join(left)}); expected MatMulInteger "
            "with int8 weights, as onnxruntime's dynamic quantisation writes it"
        )
    return model


class _Graph:
    """Who makes what, and who reads it."""

    def __init__(self, onnx: Any, graph: Any) -> None:
        self._onnx = onnx
        self._graph = graph
        self._constants = {tensor.name: tensor for tensor in graph.initializer}
        self._makers = {name: node for node in graph.node for name in node.output}
        self._readers: dict[str, list[Any]] = {}
        for node in graph.node:
            for name in node.input:
                self._readers.setdefault(name, []).append(node)
        self._replaced: dict[str, Any] = {}
        """Nodes by the name of their first output; None: left out."""

    def nodes(self) -> list[Any]:
        """All nodes, replaced ones in the place of their last part; makers that nobody reads any more are left out."""
        found = [self._replaced.get(node.output[0], node) for node in self._graph.node]
        nodes = [node for node in found if node is not None]
        read = {name for node in nodes for name in node.input}
        return [node for node in nodes if node.op_type != "DynamicQuantizeLinear" or read & set(node.output)]

    def replace(self, product: Any) -> None:
        """Put one ``MatMul`` in place of quantise, multiply, cast, and scale."""
        (cast,) = self._readers[product.output[0]]
        (scale,) = self._readers[cast.output[0]]
        scales = self._makers[next(name for name in scale.input if name != cast.output[0])]
        sound = self._makers[product.input[0]].input[0]
        factor = next(self._array(name) for name in scales.input if name in self._constants)
        integers = self._array(product.input[1]).astype(np.int32)
        if len(product.input) > 3:
            integers = integers - self._array(product.input[3]).astype(np.int32)
        name = f"{product.name}_weights"
        weights = (integers * factor.astype(np.float32)).astype(np.float32)
        self._graph.initializer.append(self._onnx.numpy_helper.from_array(weights, name))
        self._replaced[product.output[0]] = self._replaced[cast.output[0]] = None
        self._replaced[scales.output[0]] = None
        self._replaced[scale.output[0]] = self._onnx.helper.make_node(
            "MatMul", [sound, name], [scale.output[0]], name=product.name
        )

    def _array(self, name: str) -> Any:
        return self._onnx.numpy_helper.to_array(self._constants[name])
