"""Operators of an ONNX graph as steps: the ones that some outputs need, and patterns of several made one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy.typing as npt
from onnx import NodeProto, helper

Arrays = Mapping[str, npt.NDArray[Any]]
"""Constants of a graph by name."""


@dataclass(frozen=True, slots=True)
class Step:
    """One operator."""

    kind: str
    """ONNX's name, or ``Norm`` or ``Snake`` of :func:`fused`."""
    inputs: tuple[str, ...]
    """Names of values and constants; empty where one is left out."""
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


def steps_of(nodes: Iterable[NodeProto]) -> list[Step]:
    """The operators of a graph, in its order."""
    return [
        Step(
            node.op_type,
            tuple(node.input),
            tuple(node.output),
            {each.name: helper.get_attribute_value(each) for each in node.attribute},
        )
        for node in nodes
    ]


def needed(steps: Sequence[Step], outputs: Iterable[str], given: Iterable[str]) -> list[Step]:
    """The steps that make some outputs where the values ``given`` are known already."""
    maker = {name: place for place, step in enumerate(steps) for name in step.outputs}
    known, chosen = set(given), set[int]()
    names = list(outputs)
    while names:
        name = names.pop()
        place = None if name in known else maker.get(name)
        if place is not None and place not in chosen:
            chosen.add(place)
            names += steps[place].inputs
    return [steps[place] for place in sorted(chosen)]


def fused(steps: Sequence[Step], arrays: Arrays) -> list[Step]:
    """The same steps with ``Norm`` and ``Snake`` in place of the last step of each pattern.

    ``Norm``: (x − mean) / √(variance + ``eps``) · weight + bias, over the last axis; weight and bias may be missing.
    ``Snake``: x + b · sin²(a · x), its inputs x, a, b. The steps that are no longer needed stay.
    """
    patterns = _Patterns(steps, arrays)
    replaced: dict[str, Step] = {}
    for step in steps:
        for better in (*patterns.norms(step), *patterns.snakes(step)):
            replaced[better.outputs[0]] = better
    return [replaced.get(step.outputs[0], step) for step in steps]


class _Patterns:
    """Finds patterns by the step that ends them."""

    def __init__(self, steps: Sequence[Step], arrays: Arrays) -> None:
        self._arrays = arrays
        self._maker = {name: step for step in steps for name in step.outputs}
        self._users: dict[str, list[Step]] = {}
        for step in steps:
            for name in step.inputs:
                self._users.setdefault(name, []).append(step)

    def norms(self, division: Step) -> list[Step]:
        """What a division by a deviation becomes: one step for each weight and bias, and one for other uses."""
        found = self._normalised(division)
        if found is None:
            return []
        source, eps = found
        (ratio,) = division.outputs
        norms, plain = [], False
        for product in self._users.get(ratio, []):
            sums = self._users.get(product.outputs[0], []) if product.kind == "Mul" else []
            if len(sums) == 1 and sums[0].kind == "Add":
                weight = _other(product, ratio)
                bias = _other(sums[0], product.outputs[0])
                norms.append(Step("Norm", (source, weight, bias), sums[0].outputs, {"eps": eps}))
            else:
                plain = True
        return [*norms, Step("Norm", (source,), division.outputs, {"eps": eps})] if plain or not norms else norms

    def snakes(self, addition: Step) -> list[Step]:
        """What an addition of b · sin²(a · x) to x becomes."""
        if addition.kind != "Add":
            return []
        for x, added in (addition.inputs, addition.inputs[::-1]):
            factor, power = self._scaled(added, "Pow")
            if power is None or self._number(power.inputs[1]) != 2.0:
                continue
            sine = self._maker.get(power.inputs[0])
            if sine is None or sine.kind != "Sin":
                continue
            inner = self._maker.get(sine.inputs[0])
            if inner is not None and inner.kind == "Mul" and x in inner.inputs and _other(inner, x) in self._arrays:
                return [Step("Snake", (x, _other(inner, x), factor), addition.outputs, {})]
        return []

    def _normalised(self, division: Step) -> tuple[str, float] | None:
        """What is normalised, and the number under the root."""
        if division.kind != "Div":
            return None
        difference, root = (self._maker.get(name) for name in division.inputs)
        if difference is None or difference.kind != "Sub" or root is None or root.kind != "Sqrt":
            return None
        variance = self._maker.get(root.inputs[0])
        if variance is None or variance.kind != "Add":
            return None
        eps = self._number(variance.inputs[1])
        square, mean = self._averaged(variance.inputs[0]), self._averaged(difference.inputs[1])
        if eps is None or square is None or mean != difference.inputs[0]:
            return None
        power = self._maker.get(square)
        squares = power is not None and (
            (power.kind == "Pow" and power.inputs[0] == difference.outputs[0] and self._number(power.inputs[1]) == 2.0)
            or (power.kind == "Mul" and set(power.inputs) == set(difference.outputs))
        )
        return (difference.inputs[0], eps) if squares else None

    def _averaged(self, name: str) -> str | None:
        """What a value is the mean of, over the last of three axes."""
        mean = self._maker.get(name)
        if mean is None or mean.kind != "ReduceMean" or self._arrays[mean.inputs[1]].tolist() not in ([2], [-1]):
            return None
        return mean.inputs[0]

    def _scaled(self, name: str, kind: str) -> tuple[str, Step | None]:
        """A product of a constant and a step of some kind."""
        product = self._maker.get(name)
        if product is None or product.kind != "Mul" or len(set(product.inputs) & set(self._arrays)) != 1:
            return "", None
        factor = next(each for each in product.inputs if each in self._arrays)
        power = self._maker.get(_other(product, factor))
        return factor, power if power is not None and power.kind == kind else None

    def _number(self, name: str) -> float | None:
        array = self._arrays.get(name)
        return float(array.reshape(())) if array is not None and array.size == 1 else None


def _other(step: Step, name: str) -> str:
    """The other one of two inputs."""
    first, second = step.inputs
    return second if first == name else first
