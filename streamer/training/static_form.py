"""The fixed-shape form of an exported ONNX file, as ``atc`` wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from streamer.errors import MissingDependencyError
from streamer.system.installation import install_command
from streamer.training.narrow_integers import narrow_integers

STATIC_OPSET: Final = 11
"""Newest set of operators that all lists of what ``atc`` compiles cover: Softplus is documented up to here, and
LayerNormalization, of a newer set, for float16 only."""
_DISABLED: Final = ["MatMulAddFusion", "LayerNormFusion"]
"""Steps of onnxruntime that would make operators which are documented with less: Gemm has no bias."""


def write_static(plain: Path, path: Path) -> None:
    """Compute all that does not depend on the input, and say every output's shape.

    No operator on shapes is left for ``atc``, no axis has a name, no set of operators is imported but ONNX's own, and
    numbers are no wider than 32 bits.

    Args:
        plain: an fp32 file of ``STATIC_OPSET`` whose inputs have fixed shapes.
        path: the file to write.

    Raises:
        MissingDependencyError: onnx or onnxruntime (extra ``train``) is not installed.
    """
    model = folded(plain, path)
    import onnx  # noqa: PLC0415 - is there, as the line before has shown

    onnx.save(narrow_integers(model), str(path))


def folded(plain: Path, scratch: Path) -> Any:
    """An ONNX model without anything that does not depend on its input, every output's shape said.

    Args:
        plain: an fp32 file whose inputs have fixed shapes.
        scratch: a file that may be written over.

    Raises:
        MissingDependencyError: onnx or onnxruntime (extra ``train``) is not installed.
    """
    try:
        import onnx  # noqa: PLC0415 - needed by training only
        import onnxruntime  # noqa: PLC0415
    except ImportError as error:
        raise MissingDependencyError(f"{error.name} is not installed: {install_command('train')}") from error
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(scratch)
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(plain), options, providers=["CPUExecutionProvider"], disabled_optimizers=_DISABLED
    )
    types = {"tensor(float)": np.float32, "tensor(int32)": np.int32}
    nothing = {node.name: np.zeros(node.shape, types[node.type]) for node in session.get_inputs()}
    shapes = [array.shape for array in session.run(None, nothing)]
    model = onnx.load(str(scratch))
    for value, shape in zip(model.graph.output, shapes, strict=True):
        for dimension, size in zip(value.type.tensor_type.shape.dim, shape, strict=True):
            dimension.dim_value = size
    own = [each for each in model.opset_import if not each.domain]
    if all(not node.domain for node in model.graph.node):
        del model.opset_import[:]
        model.opset_import.extend(own)
    return model
