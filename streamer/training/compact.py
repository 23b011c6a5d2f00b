"""The same ONNX graph in less memory: what does not depend on the input is computed, and names are numbers.

A session keeps every name several times, and about 5 kB for each operator, whatever it computes: the names that an
exporter makes of modules and operators on constants cost a live meeting 3 MB.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command
from streamer.training.aligned import align
from streamer.training.known_shapes import fold_known_shapes


def compact(path: Path) -> None:
    """Rewrite an ONNX file whose names nobody needs but those of its inputs and outputs.

    What it computes stays the same to the bit. Operators stay ONNX's own, so that it runs wherever it ran, and int8
    matrices stay as :mod:`streamer.training.unquantised` knows them.

    Args:
        path: a model without subgraphs, of any lengths.

    Raises:
        MissingDependencyError: onnx or onnxruntime (extra ``train``) is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by training only
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    known = onnx.load(str(path))
    fold_known_shapes(known)
    with tempfile.TemporaryDirectory() as scratch:
        simplified = Path(scratch) / "simplified.onnx"
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(simplified)
        options.intra_op_num_threads = 1
        options.log_severity_level = 3
        onnxruntime.InferenceSession(known.SerializeToString(), options, providers=["CPUExecutionProvider"])
        model = onnx.load(str(simplified))
    # onnxruntime names every set of operators that it knows.
    own = [each for each in model.opset_import if not each.domain]
    del model.opset_import[:]
    model.opset_import.extend(own)
    onnx.save(_numbered(model), str(path))
    align(path)


def _numbered(model: Any) -> Any:
    """With numbers for names, except those of inputs and outputs."""
    graph = model.graph
    names: dict[str, str] = {value.name: value.name for value in [*graph.input, *graph.output]}
    names[""] = ""  # an input that is left out

    def number(name: str) -> str:
        return names.setdefault(name, f"t{len(names)}")

    shapes = _shapes_of_sums(graph)
    for tensor in graph.initializer:
        tensor.name = number(tensor.name)
    for place, node in enumerate(graph.node):
        node.name, node.doc_string = f"n{place}", ""
        node.input[:] = [number(name) for name in node.input]
        node.output[:] = [number(name) for name in node.output]
    for value in shapes:
        value.name = number(value.name)
    del graph.value_info[:]
    graph.value_info.extend(shapes)
    return model


def _shapes_of_sums(graph: Any) -> list[Any]:
    """Shapes that onnxruntime looks for before it joins a sum and the norm of it, which then rounds otherwise.

    Those of all other tensors it finds itself, or does not need: 2 MB.
    """
    normalised = {node.input[0] for node in graph.node if node.op_type == "LayerNormalization"}
    sums = [node for node in graph.node if node.op_type == "Add" and node.output[0] in normalised]
    wanted = {name for node in sums for name in [*node.input, *node.output]}
    return [type(value).FromString(value.SerializeToString()) for value in graph.value_info if value.name in wanted]
