"""What Huawei documents ``atc`` to compile of ONNX at ``STATIC_OPSET``: operators, and the types of their numbers.

Source: "支持ONNX算子清单", the list of supported ONNX operators in CANN's documents. Taken is what these agree on:
hiascend.com/document/detail/zh/canncommercial/{80RC3,800,850,900}/…/atlasoxol_09_NNNN.html where a page was at hand
(Cast 0031, Clip 0034, Conv 0040, Equal 0055, GatherElements 0063, Gemm 0065, Greater 0069, LayerNormalization 0076,
MatMul 0092, Mod 0100, Mul 0102, Pad 0111, Slice 0150, Softplus 0153, TopK 0166, Unsqueeze 0169, Where 0170), and the
list of CANN 5.0.4 (doc_center/source/zh/canncommercial/5046/reference/fwoperatorlist/operatorlist_0071.html) for all.
Nothing here was compiled: a list of documents does not prove a conversion.
"""

from __future__ import annotations

from typing import Any, Final

import onnx

from streamer.training.narrow_integers import PARAMETERS

_FLOATS: Final = {"float16", "float32"}
_NUMBERS: Final = _FLOATS | {"int32"}
_SMALL: Final = _NUMBERS | {"int8", "uint8"}
_ANY: Final = _SMALL | {"int16", "int64", "bool"}

DOCUMENTED: Final[dict[str, set[str]]] = {
    "Add": _ANY - {"bool"},
    "And": {"bool"},
    "ArgMax": _FLOATS,
    "Cast": _SMALL | {"int64", "bool"},
    "Clip": _NUMBERS,
    "Concat": _ANY - {"bool"},
    "Conv": _FLOATS,
    "CumSum": _NUMBERS,
    "Div": _NUMBERS | {"int64"},
    "Equal": _FLOATS | {"bool", "int32", "int64", "int8", "int16", "uint8"},
    "Exp": _FLOATS,
    "Gather": _ANY,
    "GatherElements": _NUMBERS,
    "Greater": _SMALL,
    "Less": _SMALL,
    "Log": _FLOATS,
    "LogSoftmax": _FLOATS,
    "MatMul": _FLOATS,
    "Mul": _FLOATS | {"int32", "int8"},
    "Neg": _NUMBERS,
    "Not": {"bool"},
    "Or": {"bool"},
    "Pad": _NUMBERS,
    "Pow": _SMALL,
    "ReduceMax": _NUMBERS,
    "ReduceMean": _FLOATS,
    "ReduceSum": _FLOATS,
    "Relu": _NUMBERS | {"int8", "int16", "uint8"},
    "Reshape": _ANY,
    "ScatterElements": _NUMBERS,
    "Sigmoid": _FLOATS,
    "Slice": _SMALL | {"bool"},
    "Softmax": _FLOATS,
    "Softplus": _FLOATS,
    "Split": _ANY - {"bool"},
    "Sqrt": _FLOATS,
    "Squeeze": _ANY,
    "Sub": _NUMBERS,
    "TopK": _FLOATS,
    "Transpose": _ANY - {"bool"},
    "Unsqueeze": _NUMBERS | {"int8", "int16", "uint8"},
    "Where": _SMALL,
}
"""Types of an operator's numbers. Not listed, though CANN has them, because of what the documents leave out: Gemm (no
bias), LayerNormalization (float16 only, newer sets only), Mod (no int64, and only for some chips), ReduceLogSumExp
(whether it takes the highest score out first). MatMul and Conv name float16 for weights: single precision is what
``atc`` reads and computes in half, as its default is."""

UNPROVEN: Final = {"conformer": ["Conv in groups"]}
"""What models need all the same: the page on Conv speaks of one group, though depthwise networks compile."""

INDICES: Final = {"Gather": {1}, "GatherElements": {1}, "ScatterElements": {1}, "CumSum": {1}, "Where": {0}}
"""Inputs of another type than the numbers: places (int32), and conditions (bool)."""


def undocumented(model: Any) -> list[str]:
    """What of a model the list does not cover: operators, types, shapes that are computed, and known limits."""
    graph = onnx.shape_inference.infer_shapes(model).graph
    constants = {tensor.name for tensor in graph.initializer}
    types = {value.name: value.type.tensor_type.elem_type for value in [*graph.value_info, *graph.input, *graph.output]}
    types |= {tensor.name: tensor.data_type for tensor in graph.initializer}
    kinds = {name: str(onnx.helper.tensor_dtype_to_np_dtype(kind)) for name, kind in types.items()}
    ranks = {
        value.name: len(value.type.tensor_type.shape.dim) for value in [*graph.value_info, *graph.input, *graph.output]
    }
    found = []
    for node in graph.node:
        operator, parameters = node.op_type, PARAMETERS.get(node.op_type, set())
        for place, name in enumerate(node.input):
            if place in parameters:
                wrong = bool(name) and name not in constants
            elif place in INDICES.get(operator, ()):
                wrong = kinds[name] not in {"int32", "bool"}
            else:
                wrong = bool(name) and kinds[name] not in DOCUMENTED.get(operator, set())
            if wrong:
                found.append(f"{operator} input {place} {kinds[name]}{'' if name in constants else ' computed'}")
        if operator == "Slice" and ranks.get(node.input[0], 2) < 2:
            found.append("Slice of a vector")
        if operator == "Conv" and any(each.name == "group" and each.i > 1 for each in node.attribute):
            found.append("Conv in groups")
        if operator == "Conv" and ranks[node.input[0]] != 4:
            found.append(f"Conv of {ranks[node.input[0]]} axes")
        if operator == "Pad" and len(node.input) > 2 and node.input[2]:
            found.append("Pad with a value")
    return sorted(set(found))
