"""Small ONNX graphs made by hand, and what onnxruntime makes of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnx import GraphProto, NodeProto, TensorProto, helper, numpy_helper

Arrays = Mapping[str, npt.NDArray[Any]]


def drawn(*shape: int, seed: int = 0) -> npt.NDArray[np.float32]:
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def small_graph(
    nodes: Sequence[NodeProto], inputs: Arrays, constants: Arrays, outputs: Sequence[str], kind: int = TensorProto.FLOAT
) -> GraphProto:
    """A graph whose inputs are like the given arrays."""
    return helper.make_graph(
        list(nodes),
        "small",
        [
            helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(array.dtype), [None] * array.ndim)
            for name, array in inputs.items()
        ],
        [helper.make_tensor_value_info(name, kind, None) for name in outputs],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )


def reference(graph: GraphProto, inputs: Arrays) -> list[npt.NDArray[Any]]:
    """The outputs by onnxruntime."""
    versions = [helper.make_opsetid("", 20), helper.make_opsetid("com.microsoft", 1)]
    model = helper.make_model(graph, opset_imports=versions, ir_version=9)
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])
    made: list[npt.NDArray[Any]] = session.run(None, dict(inputs))
    return made
