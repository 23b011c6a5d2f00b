"""A part of an ONNX graph run by PyTorch, in batches, on any of its devices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from streamer.training.graph_steps import Arrays, Step, fused, needed
from streamer.training.torch_layers import LAYERS
from streamer.training.torch_shapes import SHAPES, Function, Surroundings

OPERATORS = {**SHAPES, **LAYERS}
"""All that can be run."""
_ARITHMETIC = ("Add", "Div", "Equal", "Greater", "Less", "Mul", "Pow", "Sub")
_IN_DTYPE = ("Conv", "ConvTranspose", "Snake")


@dataclass(frozen=True, slots=True)
class _Move:
    """A step made ready."""

    function: Function
    constants: list[Any]
    """Of each input; None where it is a value or left out."""
    values: list[str]
    """Name of each input that is a value, otherwise empty."""
    outputs: tuple[str, ...]
    last_uses: list[str]
    """Values that nothing needs afterwards."""


class TorchGraph:
    """What is needed for some outputs of a graph, given some inputs."""

    def __init__(  # noqa: PLR0913 - a part of a graph is its ends, its weights and where it runs
        self,
        steps: Sequence[Step],
        arrays: Arrays,
        inputs: Sequence[str],
        outputs: Sequence[str],
        *,
        device: str = "cpu",
        dtype: torch.dtype = torch.float32,
        shapes: Mapping[str, list[int]] | None = None,
    ) -> None:
        """Make a part of a graph ready.

        Args:
            steps: the operators of the whole graph, in order.
            arrays: its constants.
            inputs: names of values, inner ones too, in the order of the call.
            outputs: names of the values that come out.
            device: where floats are.
            dtype: of convolutions and what lies between them.
            shapes: shapes that replace those of ``Reshape`` steps (by output).

        Raises:
            NotImplementedError: an operator is not known.
        """
        self._inputs, self._outputs = list(inputs), list(outputs)
        around = Surroundings(arrays, device, dtype, shapes or {})
        part = needed(fused(needed(steps, outputs, inputs), arrays), outputs, inputs)
        last = {name: place for place, step in enumerate(part) for name in step.inputs}
        constants = _Constants(around)
        self._moves = []
        for place, step in enumerate(part):
            if step.kind not in OPERATORS:
                raise NotImplementedError(f"{step.outputs[0]}: the operator {step.kind}")
            values = ["" if name in arrays else name for name in step.inputs]
            gone = [name for name in set(values) - {""} if last[name] == place and name not in self._outputs]
            function = OPERATORS[step.kind](step, around)
            self._moves.append(_Move(function, constants.of(step), values, step.outputs, gone))

    def __call__(self, *inputs: Tensor) -> list[Tensor]:
        """The outputs, in their order."""
        values: dict[str, Any] = dict(zip(self._inputs, inputs, strict=True))
        for move in self._moves:
            arguments = [
                values[name] if name else constant for name, constant in zip(move.values, move.constants, strict=True)
            ]
            made = move.function(*arguments)
            # Of an operator with several outputs, the ones at the end may be unwanted.
            values |= dict(zip(move.outputs, [made] if isinstance(made, Tensor) else made, strict=False))
            for name in move.last_uses:
                del values[name]
        return [values[name] for name in self._outputs]


class _Constants:
    """Constants as operators take them: each on its device once."""

    def __init__(self, around: Surroundings) -> None:
        self._around = around
        self._made: dict[tuple[str, torch.dtype], Tensor] = {}

    def of(self, step: Step) -> list[Any]:
        """A value for every input; an LSTM holds its own."""
        if step.kind == "LSTM":
            return [None] * len(step.inputs)
        return [self._constant(name, step.kind) if name in self._around.arrays else None for name in step.inputs]

    def _constant(self, name: str, kind: str) -> float | Tensor:
        array = self._around.arrays[name]
        if array.dtype.kind != "f":
            # Shapes, axes and indices stay on the CPU.
            return torch.from_numpy(np.array(array))
        if kind in _ARITHMETIC and array.size == 1:
            # Half precision times a tensor of one float would become single precision.
            return float(array.reshape(()))
        dtype = self._around.dtype if kind in _IN_DTYPE else torch.float32
        if (name, dtype) not in self._made:
            self._made[name, dtype] = torch.from_numpy(np.array(array, np.float32)).to(self._around.device, dtype)
        return self._made[name, dtype]
