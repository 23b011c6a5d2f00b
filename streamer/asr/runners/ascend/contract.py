"""The model contract for offline models: which tensor is which, whatever order, names and widths ``atc`` gave them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from streamer.asr.runners.ascend.description import TensorDescription
from streamer.errors import PackError
from streamer.interfaces import TensorSpec

GEAR_INPUT = "ascend_mbatch_shape_data"
"""Name of the input that models with batch gears have besides their own."""
FRAMES, BINS, TOKENS = 1001, 80, 251

_FLOAT, _FLOAT16, _INT32, _INT64 = 0, 1, 3, 9
_DTYPES: dict[int, np.dtype[Any]] = {
    _FLOAT: np.dtype(np.float32),
    _FLOAT16: np.dtype(np.float16),
    2: np.dtype(np.int8),
    _INT32: np.dtype(np.int32),
    4: np.dtype(np.uint8),
    6: np.dtype(np.int16),
    _INT64: np.dtype(np.int64),
    11: np.dtype(np.float64),
}
_IDS = (_INT32, _INT64)
_SCORES = (_FLOAT, _FLOAT16)


@dataclass(frozen=True, slots=True)
class BoundTensor:
    """A tensor of the contract, and where the model has it."""

    spec: TensorSpec
    """What the recogniser sees: the contract's name, float32 or int32."""
    index: int
    """Its place in the model's dataset."""
    stored: np.dtype[Any]
    """Its type on the device: int64 ids and float16 scores are converted, every value as it is."""
    size: int
    """Bytes on the device."""


@dataclass(frozen=True, slots=True)
class Binding:
    """A model that follows the contract."""

    inputs: tuple[BoundTensor, ...]
    """In the contract's order."""
    outputs: tuple[BoundTensor, ...]
    """In the contract's order; log-probabilities last, where there are some."""


@dataclass(frozen=True, slots=True)
class _Wanted:
    name: str
    types: tuple[int, ...]
    dims: tuple[int, ...]

    def fits(self, tensor: TensorDescription) -> bool:
        return tensor.type in self.types and tensor.dims == self.dims

    def __str__(self) -> str:
        return f"{self.name} {'/'.join(str(_DTYPES[each]) for each in self.types)}{list(self.dims)}"


_ACOUSTIC_INPUTS = (_Wanted("features", (_FLOAT,), (1, FRAMES, BINS, 1)), _Wanted("length", _IDS, (1, 1)))
_LANGUAGE_INPUTS = (_Wanted("inputs", _IDS, (1, TOKENS)),)
_ACOUSTIC_IDS = _Wanted("ids", _IDS, (1, TOKENS))
_LANGUAGE_IDS = _Wanted("ids", _IDS, (1, TOKENS + 1))


def bind(
    inputs: tuple[TensorDescription, ...], outputs: tuple[TensorDescription, ...], gears: tuple[int, ...], name: str
) -> Binding:
    """Find the contract's tensors in a model's description.

    Args:
        inputs: the model's inputs, in its order.
        outputs: the model's outputs, in its order.
        gears: its batch gears.
        name: its file name, for messages.

    Raises:
        PackError: the model does not follow the contract; the message says what was expected and what was found.
    """
    if gears or any(tensor.name == GEAR_INPUT for tensor in inputs):
        raise PackError(
            f"{name}: the model has batch gears {list(gears)} (input {GEAR_INPUT}), expected a static batch of 1; "
            "convert it without --dynamic_batch_size"
        )
    for tensor in (*inputs, *outputs):
        _check_size(tensor, name)
    if len(inputs) == len(_ACOUSTIC_INPUTS):
        return Binding(_bind_inputs(inputs, _ACOUSTIC_INPUTS, name), _bind_outputs(outputs, _ACOUSTIC_IDS, name))
    if len(inputs) == len(_LANGUAGE_INPUTS):
        return Binding(_bind_inputs(inputs, _LANGUAGE_INPUTS, name), _bind_outputs(outputs, _LANGUAGE_IDS, name))
    raise PackError(
        f"{name}: found {len(inputs)} inputs ({_told(inputs)}), expected 2 for an acoustic model "
        f"({_listed(_ACOUSTIC_INPUTS)}) or 1 for a language stage ({_listed(_LANGUAGE_INPUTS)})"
    )


def _bind_inputs(
    tensors: tuple[TensorDescription, ...], wanted: tuple[_Wanted, ...], name: str
) -> tuple[BoundTensor, ...]:
    bound = []
    for want in wanted:
        named = [tensor for tensor in tensors if tensor.name == want.name]
        fitting = [tensor for tensor in named or tensors if want.fits(tensor)]
        if len(fitting) != 1:
            raise PackError(f"{name}: input {want} expected, found {_told(named or tensors)}")
        bound.append(_bound(fitting[0], want.name, tensors.index(fitting[0])))
    return tuple(bound)


def _bind_outputs(tensors: tuple[TensorDescription, ...], ids: _Wanted, name: str) -> tuple[BoundTensor, ...]:
    """Outputs have the names of fused operators, so that only type and shape tell them apart."""
    scores = [each for each in tensors if each.type in _SCORES and len(each.dims) == 3 and each.dims[0] == 1]
    found = [each for each in tensors if ids.fits(each)]
    if len(found) != 1 or len(scores) > 1 or len(found) + len(scores) != len(tensors):
        raise PackError(
            f"{name}: found outputs {_told(tensors)}, expected {ids} and optionally log_probs "
            "float32/float16[1, steps, tokens]"
        )
    bound = [_bound(found[0], "ids", tensors.index(found[0]))]
    bound += [_bound(each, "log_probs", tensors.index(each)) for each in scores]
    return tuple(bound)


def _bound(tensor: TensorDescription, name: str, index: int) -> BoundTensor:
    seen = np.dtype(np.int32) if tensor.type in _IDS else np.dtype(np.float32)
    return BoundTensor(TensorSpec(name, seen, tensor.dims), index, _DTYPES[tensor.type], tensor.size)


def _check_size(tensor: TensorDescription, name: str) -> None:
    if tensor.type in _DTYPES and min(tensor.dims, default=1) > 0:
        expected = math.prod(tensor.dims) * _DTYPES[tensor.type].itemsize
        if tensor.size != expected:
            raise PackError(f"{name}: {_told((tensor,))} takes {tensor.size} bytes on the device, expected {expected}")


def _told(tensors: tuple[TensorDescription, ...] | list[TensorDescription]) -> str:
    return (
        ", ".join(
            f"{each.name} {_DTYPES.get(each.type, f'aclDataType {each.type}')}{list(each.dims)}" for each in tensors
        )
        or "none"
    )


def _listed(wanted: tuple[_Wanted, ...]) -> str:
    return ", ".join(map(str, wanted))
