"""Greedy CTC as ONNX operators of fixed shape: the ``ids`` of the contract out of log-probabilities."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from onnx import NodeProto, TensorProto, helper, numpy_helper

from streamer.asr.contract import MAX_TOKENS, PADDING_ID


def collapse_nodes(
    log_probs: str, length: str, ids: str, steps: int, blank_id: int
) -> tuple[list[NodeProto], list[TensorProto]]:
    """Best token at every step, repeats merged, blanks and steps past the length removed, the rest moved to the front.

    Args:
        log_probs: name of the input, float32 [1, steps, tokens].
        length: name of the input, int32 [1, 1]: how many steps count.
        ids: name of the output, int32 [1, 251], −1 where nothing.
        steps: at most 251.
        blank_id: which token is the blank.

    Returns:
        Nodes and constants to add to a graph; all their other names begin with ``ctc_``.
    """
    constants: dict[str, npt.NDArray[Any]] = {
        "positions": np.arange(steps, dtype=np.int32)[None],
        "blank": np.array(blank_id, np.int64),
        "before": np.full((1, 1), PADDING_ID, np.int64),
        "first": np.array([0], np.int64),
        "steps_less_one": np.array([steps - 1], np.int64),
        "axis": np.array([1], np.int64),
        "axis_scalar": np.array(1, np.int64),
        "one": np.array(1, np.int64),
        "nowhere": np.array(MAX_TOKENS, np.int64),
        "empty": np.full((1, MAX_TOKENS + 1), PADDING_ID, np.int64),
        "room": np.array([MAX_TOKENS], np.int64),
    }
    steps_of_work: list[tuple[str, list[str], str, dict[str, Any]]] = [
        ("ArgMax", [log_probs], "argmax", {"axis": 2, "keepdims": 0}),
        ("Less", ["positions", length], "inside", {}),
        ("Where", ["inside", "argmax", "blank"], "best", {}),
        ("Slice", ["best", "first", "steps_less_one", "axis"], "most", {}),
        ("Concat", ["before", "most"], "previous", {"axis": 1}),
        ("Equal", ["best", "previous"], "repeated", {}),
        ("Equal", ["best", "blank"], "silent", {}),
        ("Or", ["repeated", "silent"], "dropped", {}),
        ("Not", ["dropped"], "kept", {}),
        ("Cast", ["kept"], "kept_number", {"to": TensorProto.INT64}),
        ("CumSum", ["kept_number", "axis_scalar"], "counted", {}),
        ("Sub", ["counted", "one"], "position", {}),
        ("Where", ["kept", "position", "nowhere"], "target", {}),
        ("ScatterElements", ["empty", "target", "best"], "placed", {"axis": 1}),
        ("Slice", ["placed", "first", "room", "axis"], "row", {}),
        ("Cast", ["row"], ids, {"to": TensorProto.INT32}),
    ]
    outside = {log_probs, length, ids}

    def named(name: str) -> str:
        return name if name in outside else f"ctc_{name}"

    nodes = [
        helper.make_node(operator, [named(each) for each in inputs], [named(output)], **attributes)
        for operator, inputs, output, attributes in steps_of_work
    ]
    return nodes, [numpy_helper.from_array(array, named(name)) for name, array in constants.items()]
