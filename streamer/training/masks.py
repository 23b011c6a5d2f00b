"""Masks for an exported acoustic model that cuts padding off: fixed shapes cannot be cut.

The form for CPUs takes the feature frames that its length names and knows no padding. In the form for ``atc`` all sound
is as long as the longest, and what mixes steps of time must not see those behind the length: convolutions get zeros
there, and attention scores that no softmax leaves anything of. Both forms give the same numbers.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from streamer.errors import MissingDependencyError
from streamer.system.installation import package_command

_FEATURES: Final = "features"
"""Input of the model contract: ``[1, frames, 80, 1]``."""
_NEVER: Final = -1e4
"""Added to the score of a step that nothing may attend to."""


def mask_padding(model: Any) -> Any:
    """Put masks in the place of the cut; a model that has none is left as it is, for it masks itself.

    Args:
        model: an ONNX model without subgraphs whose inputs have fixed shapes; it is changed.

    Returns:
        The same model.

    Raises:
        MissingDependencyError: onnx is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by makers of packs only
    except ImportError as error:
        raise MissingDependencyError(f"onnx is not installed: {package_command('onnx')}") from error
    graph = model.graph
    cut = _cut(graph)
    if cut is None:
        return model
    for node in graph.node:
        node.input[:] = [cut.input[0] if name == cut.output[0] else name for name in node.input]
    masks = _Masks(onnx, graph, frames=cut.input[2], shapes=_shapes(onnx, model))
    nodes = []
    for node in graph.node:
        if node.op_type == "Conv":
            node.input[0] = masks.zeroed(node.input[0])
        elif node.op_type == "Softmax":
            node.input[0] = masks.shut(node.input[0])
        nodes += [*masks.taken(), node]
    kept = [type(node).FromString(node.SerializeToString()) for node in nodes if node != cut]
    del graph.node[:]
    graph.node.extend(kept)
    return model


def _cut(graph: Any) -> Any | None:
    """The operator that takes as many feature frames as the length says."""
    sound, constants = {_FEATURES}, {each.name for each in graph.initializer}
    for node in graph.node:
        if node.op_type == "Squeeze" and node.input[0] in sound:
            sound.add(node.output[0])
        elif node.op_type == "Slice" and node.input[0] in sound and node.input[2] not in constants:
            return node
    return None


def _shapes(onnx: Any, model: Any) -> dict[str, list[int]]:
    known = onnx.shape_inference.infer_shapes(model, data_prop=True).graph.value_info
    return {value.name: [each.dim_value for each in value.type.tensor_type.shape.dim] for value in known}


class _Masks:
    """Makes masks from the frames that are no padding, one for each number of steps."""

    def __init__(self, onnx: Any, graph: Any, frames: str, shapes: dict[str, list[int]]) -> None:
        self._onnx, self._graph, self._frames, self._shapes = onnx, graph, frames, shapes
        (longest,) = (each.type.tensor_type.shape.dim[1].dim_value for each in graph.input if each.name == _FEATURES)
        self._longest = longest
        self._nodes: list[Any] = []
        self._made: set[str] = set()

    def taken(self) -> list[Any]:
        """The operators made since this was asked for last."""
        nodes, self._nodes = self._nodes, []
        return nodes

    def zeroed(self, name: str) -> str:
        """A picture ``[1, channels, steps, bands]``, zero behind the length."""
        steps = self._shapes[name][2]
        return self._node("Mul", [name, self._kept(steps, (1, 1, steps, 1))], f"{name}.masked")

    def shut(self, name: str) -> str:
        """Attention scores ``[…, steps]`` that shut out what is behind the length."""
        *others, steps = self._shapes[name]
        bias = f"shut.{steps}"
        if bias not in self._made:
            ones = self._constant(f"{bias}.ones", np.ones(1, np.float32))
            padding = self._node("Sub", [ones, self._kept(steps, (*(1 for _ in others), steps))], f"{bias}.padding")
            self._node("Mul", [padding, self._constant(f"{bias}.never", np.array([_NEVER], np.float32))], bias)
        return self._node("Add", [name, bias], f"{name}.masked")

    def _kept(self, steps: int, shape: tuple[int, ...]) -> str:
        """Ones before the length, zeros from there on: a step is sound if the first frame under it is."""
        name = f"kept.{'x'.join(map(str, shape))}"
        if name not in self._made:
            frames_a_step = round(self._longest / steps)
            first = self._constant(f"{name}.first", (np.arange(steps) * frames_a_step).astype(np.int64).reshape(shape))
            self._node("Less", [first, self._frames], f"{name}.truth")
            self._node("Cast", [f"{name}.truth"], name, to=self._onnx.TensorProto.FLOAT)
        return name

    def _constant(self, name: str, array: Any) -> str:
        self._graph.initializer.append(self._onnx.numpy_helper.from_array(array, name))
        return name

    def _node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        self._made.add(output)
        self._nodes.append(self._onnx.helper.make_node(kind, inputs, [output], **attributes))
        return output
