"""ONNX operators that arrange values, in PyTorch: each maker takes a step and gives a function of its inputs.

What is computed from shapes stays on the CPU, so that no device is waited for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from onnx import numpy_helper
from torch import Tensor
from torch.nn import functional

from streamer.training.graph_steps import Arrays, Step

Function = Callable[..., Any]
"""Of a step's inputs, constants among them (None: left out); gives its output, or a sequence of several."""
_TYPES = {1: torch.float32, 6: torch.int32, 7: torch.int64, 9: torch.bool, 10: torch.float32}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What an operator needs to know of its graph."""

    arrays: Arrays
    """The constants."""
    device: str
    """Where floats are."""
    dtype: torch.dtype
    """Of convolutions."""
    shapes: Mapping[str, list[int]]
    """Shapes that replace those of ``Reshape`` steps, by output: graphs were often made for batches of one."""

    def integers(self, name: str) -> list[int]:
        """A constant list."""
        values: list[int] = self.arrays[name].reshape(-1).tolist()
        return values


Maker = Callable[[Step, Surroundings], Function]


def _shape(_step: Step, _around: Surroundings) -> Function:
    return lambda x: torch.tensor(x.shape)


def _gather(step: Step, _around: Surroundings) -> Function:
    axis = step.attributes.get("axis", 0)

    def run(x: Tensor, index: Tensor) -> Tensor:
        if index.ndim == 0 and index.device.type == "cpu":
            return x.select(axis, int(index))
        place = axis % x.ndim
        return x[(slice(None),) * place + (index.to(x.device),)]

    return run


def _split(step: Step, around: Surroundings) -> Function:
    axis, sizes = step.attributes.get("axis", 0), around.integers(step.inputs[1])
    return lambda x, _: torch.split(x, sizes, axis)


def _unsqueeze(step: Step, around: Surroundings) -> Function:
    axes = sorted(around.integers(step.inputs[1]))

    def run(x: Tensor, _: Tensor) -> Tensor:
        for axis in axes:
            x = x.unsqueeze(axis)
        return x

    return run


def _squeeze(step: Step, around: Surroundings) -> Function:
    axes = tuple(around.integers(step.inputs[1]))
    return lambda x, _: x.squeeze(axes)


def _concat(step: Step, _around: Surroundings) -> Function:
    axis = step.attributes["axis"]
    return lambda *parts: torch.cat(parts, axis)


def _slice(_step: Step, _around: Surroundings) -> Function:
    def run(x: Tensor, starts: Tensor, ends: Tensor, axes: Tensor | None = None, steps: Tensor | None = None) -> Tensor:
        numbers = range(len(starts)) if axes is None else axes.tolist()
        strides = [1] * len(starts) if steps is None else steps.tolist()
        place = [slice(None)] * x.ndim
        for start, end, axis, stride in zip(starts.tolist(), ends.tolist(), numbers, strides, strict=True):
            place[axis] = slice(start, end, stride)
        return x[tuple(place)]

    return run


def _transpose(step: Step, _around: Surroundings) -> Function:
    order = list(step.attributes["perm"])
    return lambda x: x.permute(order)


def _reshape(step: Step, around: Surroundings) -> Function:
    fixed = around.shapes.get(step.outputs[0])

    def run(x: Tensor, shape: Tensor) -> Tensor:
        wanted = shape.tolist() if fixed is None else fixed
        return x.reshape([x.shape[place] if size == 0 else size for place, size in enumerate(wanted)])

    return run


def _cast(step: Step, _around: Surroundings) -> Function:
    kind = _TYPES[step.attributes["to"]]
    return lambda x: x.to(kind)


def _constant_of_shape(step: Step, around: Surroundings) -> Function:
    given = step.attributes.get("value")
    value = 0.0 if given is None else numpy_helper.to_array(given).reshape(()).item()
    # Whole numbers are shapes.
    device = around.device if isinstance(value, float) else "cpu"
    return lambda shape: torch.full(shape.tolist(), value, device=device)


def _expand(_step: Step, _around: Surroundings) -> Function:
    def run(x: Tensor, shape: Tensor) -> Tensor:
        wanted = shape.tolist()
        if x.ndim == 2 and len(wanted) == 3:
            # A row for each of a batch, to be spread over its steps; ONNX's own rule, the same for one row, would
            # spread the batch.
            x = x.unsqueeze(1)
        sizes = [1 if size == -1 else size for size in wanted]
        own = [1] * (len(sizes) - x.ndim) + list(x.shape)
        return x.expand([size if mine == 1 else mine for size, mine in zip(sizes, own, strict=True)])

    return run


def _pad(step: Step, around: Surroundings) -> Function:
    pads, mode = around.integers(step.inputs[1]), step.attributes["mode"].decode()
    axes = len(pads) // 2
    edges = pads[axes - 1], pads[-1]
    return lambda x, *_: functional.pad(x, edges, mode=mode)


def _resize(step: Step, around: Surroundings) -> Function:
    scale = float(around.arrays[step.inputs[2]][2])
    if step.attributes["mode"] == b"nearest":
        return lambda x, *_: x.repeat_interleave(round(scale), 2)
    return lambda x, *_: functional.interpolate(x, scale_factor=scale, mode="linear", align_corners=False)


SHAPES: Mapping[str, Maker] = {
    "Cast": _cast,
    "Concat": _concat,
    "ConstantOfShape": _constant_of_shape,
    "Expand": _expand,
    "Gather": _gather,
    "Identity": lambda _step, _around: lambda x: x,
    "Pad": _pad,
    "Reshape": _reshape,
    "Resize": _resize,
    "Shape": _shape,
    "Slice": _slice,
    "Split": _split,
    "Squeeze": _squeeze,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
    "Where": lambda _step, _around: torch.where,
}
"""Makers by ONNX's names."""
