"""Tiny models that follow the contract: what tests run where real weights would only cost time.

The acoustic model gives every fourth feature frame its loudest mel bin as a token (bin 79 is the blank), the language
stage writes character ``id + 3`` for every syllable.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

FRAMES, BINS, STEPS = 1001, 80, 251
BLANK = 79


def acoustic(path: Path, *, log_probs: bool = True, ids_type: int = TensorProto.INT32, first_id: int = 0) -> Path:
    """Write the acoustic model.

    Args:
        path: where.
        log_probs: whether it offers log-probabilities.
        ids_type: int32 or int64.
        first_id: id of the first token.
    """
    constants = {
        "rows": np.arange(0, FRAMES, 4, dtype=np.int64),
        "positions": np.arange(STEPS, dtype=np.int32)[None],
        "nothing": np.array(-1, np.int64),
        "blank": np.array(BLANK, np.int64),
        "first": np.array(first_id, np.int64),
        "flat": np.array([1, STEPS, BINS], np.int64),
    }
    nodes = [
        helper.make_node("Gather", ["features", "rows"], ["taken"], axis=1),
        helper.make_node("Reshape", ["taken", "flat"], ["logits"]),
        helper.make_node("LogSoftmax", ["logits"], ["log_probs"], axis=2, name="LogSoftmax_7"),
        helper.make_node("ArgMax", ["log_probs"], ["best"], axis=2, keepdims=0),
        helper.make_node("Less", ["positions", "length"], ["inside"]),
        helper.make_node("Equal", ["best", "blank"], ["silent"]),
        helper.make_node("Not", ["silent"], ["voiced"]),
        helper.make_node("And", ["inside", "voiced"], ["kept"]),
        helper.make_node("Add", ["best", "first"], ["numbered"]),
        helper.make_node("Where", ["kept", "numbered", "nothing"], ["wide"]),
        helper.make_node("Cast", ["wide"], ["ids"], to=ids_type, name="Cast_12"),
    ]
    outputs = [helper.make_tensor_value_info("ids", ids_type, [1, STEPS])]
    if log_probs:
        outputs.append(helper.make_tensor_value_info("log_probs", TensorProto.FLOAT, [1, STEPS, BINS]))
    inputs = [
        helper.make_tensor_value_info("features", TensorProto.FLOAT, [1, FRAMES, BINS, 1]),
        helper.make_tensor_value_info("length", TensorProto.INT32, [1, 1]),
    ]
    return _save(path, helper.make_graph(nodes, "acoustic", inputs, outputs, _tensors(constants)))


def language(path: Path, *, ids_type: int = TensorProto.INT32) -> Path:
    """Write the language stage; ``ids_type`` holds for input and output."""
    dtype = np.int32 if ids_type == TensorProto.INT32 else np.int64
    constants = {
        "zero": np.array(0, dtype),
        "end": np.array([[2]], dtype),
        "start": np.array([[1]], dtype),
        "shift": np.array(3, dtype),
    }
    nodes = [
        helper.make_node("Less", ["inputs", "zero"], ["absent"]),
        helper.make_node("Add", ["inputs", "shift"], ["characters"]),
        helper.make_node("Where", ["absent", "end", "characters"], ["written"]),
        helper.make_node("Concat", ["start", "written"], ["ids"], axis=1, name="concat_3"),
    ]
    inputs = [helper.make_tensor_value_info("inputs", ids_type, [1, STEPS])]
    outputs = [helper.make_tensor_value_info("ids", ids_type, [1, STEPS + 1])]
    return _save(path, helper.make_graph(nodes, "language", inputs, outputs, _tensors(constants)))


def features(seed: int = 7) -> np.ndarray:
    """Features of a whole utterance, float32 [1, 1001, 80, 1]."""
    return np.random.default_rng(seed).standard_normal((1, FRAMES, BINS, 1)).astype(np.float32)


def _tensors(constants: dict[str, np.ndarray]) -> list[onnx.TensorProto]:
    return [numpy_helper.from_array(array, name) for name, array in constants.items()]


def _save(path: Path, graph: onnx.GraphProto) -> Path:
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8)
    onnx.checker.check_model(model)
    onnx.save(model, path)
    return path
