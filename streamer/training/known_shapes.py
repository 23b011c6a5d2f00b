"""Sizes that an exported ONNX graph computes although they are always the same, as constants.

An exporter reads off every tensor how long it is, and puts shapes together from that: a fifth of a graph's operators,
each of which costs memory in a session and time in every run. What does not depend on the lengths of the inputs is
found by trying some, and the one length that a reshape leaves open is left to the operator.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt

_LENGTHS: Final = (1, 2, 7, 30, 100)
"""What every open dimension of the inputs is tried with; of two of them, the second is always at another length."""
_COPIED, _OPEN = 0, -1
"""What stands in the shape that a reshape is given for the input's own size, and for whatever is left."""

_ELEMENTWISE: Final = {"Add", "And", "Equal", "Greater", "Less", "Mul", "Or", "Sub", "Where"}
"""Operators that spread a single number over the other input."""

_DTYPES: Final = {
    "tensor(float)": np.float32,
    "tensor(int32)": np.int32,
    "tensor(int64)": np.int64,
    "tensor(bool)": np.bool_,
}

_Values = dict[str, list[npt.NDArray[Any]]]
"""Every tensor's value at every length tried."""


def fold_known_shapes(model: Any) -> None:
    """Put constants for what is computed from lengths but does not depend on them; in place.

    Args:
        model: an ``onnx.ModelProto`` without subgraphs, whose tensors' ranks do not depend on the lengths.
    """
    import onnx  # noqa: PLC0415 - needed by training only

    graph = model.graph
    derived = _derived_from_shapes(graph)
    reshapes = [node for node in graph.node if node.op_type == "Reshape" and node.input[1] in derived]
    sums = [node for node in graph.node if node.op_type in _ELEMENTWISE and derived & set(node.input)]
    sized = {name for node in [*reshapes, *sums] for name in node.input if name and name not in derived}
    values = _measured(model, derived, sized)
    constants = {name: found[0] for name, found in values.items() if name in derived and _is_constant(found)}
    for node in reshapes:
        if node.input[1] not in constants and (shape := _template(values, node)) is not None:
            node.input[1] = f"{node.output[0]}.template"
            constants[node.input[1]] = shape
    for node in sums:
        for place, name in enumerate(node.input):
            if name in derived and name not in constants and _is_everywhere_the_same(values, name, node):
                node.input[place] = f"{name}.everywhere"
                constants[node.input[place]] = values[name][0].ravel()[0]
    for node in graph.node:
        node.output[:] = [f"{name}.unused" if name in constants else name for name in node.output]
    graph.initializer.extend(onnx.numpy_helper.from_array(value, name) for name, value in constants.items())
    _remove_unused(graph)


def _derived_from_shapes(graph: Any) -> set[str]:
    """Tensors that depend on the lengths of the inputs alone."""
    constants = {tensor.name for tensor in graph.initializer} | {""}
    constants |= {name for node in graph.node if node.op_type == "Constant" for name in node.output}
    outer = {value.name for value in graph.output}
    derived: set[str] = set()
    for node in graph.node:
        known = all(name in constants or name in derived for name in node.input)
        if node.op_type == "Shape" or (known and any(name in derived for name in node.input)):
            derived |= set(node.output) - outer
    return derived


def _measured(model: Any, derived: set[str], sized: set[str]) -> _Values:
    """What ``derived`` and the shapes of ``sized`` are at every length; the latter under :func:`_shape_of`."""
    import onnx  # noqa: PLC0415 - needed by training only
    import onnxruntime  # noqa: PLC0415

    probe = onnx.ModelProto.FromString(model.SerializeToString())
    wanted = sorted(derived) + [_shape_of(name) for name in sorted(sized)]
    for name in sorted(sized):
        probe.graph.node.append(onnx.helper.make_node("Shape", [name], [_shape_of(name)]))
    probe.graph.output.extend(onnx.ValueInfoProto(name=name) for name in wanted)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(probe.SerializeToString(), options, providers=["CPUExecutionProvider"])
    found = [session.run(wanted, feeds) for feeds in _feeds(session)] if wanted else []
    return {name: [each[at] for each in found] for at, name in enumerate(wanted)}


def _feeds(session: Any) -> Iterator[dict[str, npt.NDArray[Any]]]:
    """Inputs of every length."""
    for shift in range(len(_LENGTHS)):
        lengths: dict[str, int] = {}
        feeds: dict[str, npt.NDArray[Any]] = {}
        for given in session.get_inputs():
            for size in given.shape:
                if not isinstance(size, int) and size not in lengths:
                    lengths[size] = _LENGTHS[(shift + len(lengths)) % len(_LENGTHS)]
            shape = [size if isinstance(size, int) else lengths[size] for size in given.shape]
            # Zeros, for numbers may be places in something that has one only; a single one may be a length.
            is_length = given.type == "tensor(int32)" and set(given.shape) == {1}
            feeds[given.name] = np.full(shape, _LENGTHS[shift - 1] if is_length else 0, _DTYPES[given.type])
        yield feeds


def _is_constant(found: list[npt.NDArray[Any]]) -> bool:
    return all(np.array_equal(found[0], other) for other in found[1:])


def _template(values: _Values, node: Any) -> npt.NDArray[np.int64] | None:
    """The shape of a reshape in which only what it can find out by itself is left open; None: more is."""
    shapes, sizes = values[node.input[1]], values[_shape_of(node.input[0])]
    template = shapes[0].astype(np.int64)
    for place in range(len(template)):
        seen = [int(shape[place]) for shape in shapes]
        if len(set(seen)) == 1:
            continue
        is_copied = all(place < len(size) and size[place] == one for size, one in zip(sizes, seen, strict=True))
        template[place] = _COPIED if is_copied else _OPEN
    return template if list(template).count(_OPEN) <= 1 else None


def _is_everywhere_the_same(values: _Values, name: str, node: Any) -> bool:
    """Whether a tensor holds one number only, whatever its length, and is not what gives the result its shape."""
    found = values[name]
    if not all(each.size for each in found) or len(np.unique(np.concatenate([each.ravel() for each in found]))) != 1:
        return False
    others = [values[_shape_of(other)] for other in node.input if _shape_of(other) in values]
    return any(all(tuple(size) == each.shape for size, each in zip(sizes, found, strict=True)) for sizes in others)


def _remove_unused(graph: Any) -> None:
    """Operators and constants whose results nobody needs."""
    needed = {value.name for value in graph.output}
    kept = []
    for node in reversed(graph.node):
        if needed & set(node.output):
            needed |= set(node.input)
            kept.append(node)
    del graph.node[:]
    graph.node.extend(reversed(kept))
    constants = [tensor for tensor in graph.initializer if tensor.name in needed]
    del graph.initializer[:]
    graph.initializer.extend(constants)


def _shape_of(name: str) -> str:
    return f"{name}.shape"
