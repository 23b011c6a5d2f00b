from __future__ import annotations

import numpy as np
import pytest
import torch
from onnx import NodeProto, helper

from streamer.training.graph_steps import fused, needed, steps_of
from streamer.training.torch_graph import TorchGraph
from tests.training.onnx_samples import drawn, reference, small_graph

X = drawn(2, 3, 50)
NUMBERS = {
    "axes": np.array([2]),
    "eps": np.array(1e-5, np.float32),
    "two": np.array(2, np.float32),
    "a": abs(drawn(1, 3, 1, seed=1)) + 1,
    "b": drawn(1, 3, 1, seed=2),
}


def normalised(*, squared: str = "Pow") -> list[NodeProto]:
    make = helper.make_node
    return [
        make("ReduceMean", ["x", "axes"], ["mean"], keepdims=1),
        make("Sub", ["x", "mean"], ["difference"]),
        make("Pow", ["difference", "two"], ["square"])
        if squared == "Pow"
        else make("Mul", ["difference", "difference"], ["square"]),
        make("ReduceMean", ["square", "axes"], ["variance"], keepdims=1),
        make("Add", ["variance", "eps"], ["safe"]),
        make("Sqrt", ["safe"], ["deviation"]),
        make("Div", ["difference", "deviation"], ["ratio"]),
    ]


def snake() -> list[NodeProto]:
    make = helper.make_node
    return [
        make("Mul", ["a", "x"], ["inner"]),
        make("Sin", ["inner"], ["sine"]),
        make("Pow", ["sine", "two"], ["power"]),
        make("Mul", ["b", "power"], ["added"]),
        make("Add", ["x", "added"], ["y"]),
    ]


STYLED = [helper.make_node("Mul", ["weight", "ratio"], ["scaled"]), helper.make_node("Add", ["scaled", "bias"], ["y"])]
STYLE = {"weight": drawn(2, 3, 1, seed=3), "bias": drawn(2, 3, 1, seed=4)}


@pytest.mark.parametrize("squared", ["Pow", "Mul"])
def test_a_styled_normalisation_is_one_step_with_the_same_result(squared: str) -> None:
    nodes, inputs = [*normalised(squared=squared), *STYLED], {"x": X, **STYLE}
    steps = needed(fused(steps_of(nodes), NUMBERS), ["y"], list(inputs))
    assert [(step.kind, step.inputs) for step in steps] == [("Norm", ("x", "weight", "bias"))]
    assert steps[0].attributes == {"eps": pytest.approx(1e-5)}
    (wanted,) = reference(small_graph(nodes, inputs, NUMBERS, ["y"]), inputs)
    (made,) = TorchGraph(steps, NUMBERS, list(inputs), ["y"])(*(torch.from_numpy(value) for value in inputs.values()))
    np.testing.assert_allclose(made.numpy(), wanted, atol=1e-5)


def test_a_plain_normalisation_that_is_used_twice_is_made_beside_the_styled_one() -> None:
    nodes, inputs = [*normalised(), *STYLED, helper.make_node("Exp", ["ratio"], ["z"])], {"x": X, **STYLE}
    steps = needed(fused(steps_of(nodes), NUMBERS), ["y", "z"], list(inputs))
    assert [step.kind for step in steps] == ["Norm", "Norm", "Exp"]
    wanted = reference(small_graph(nodes, inputs, NUMBERS, ["y", "z"]), inputs)
    graph = TorchGraph(steps, NUMBERS, list(inputs), ["y", "z"])
    for ours, theirs in zip(graph(*map(torch.from_numpy, inputs.values())), wanted, strict=True):
        np.testing.assert_allclose(ours.numpy(), theirs, rtol=1e-4, atol=1e-5)


def test_the_snake_activation_is_one_step_with_the_same_result() -> None:
    steps = needed(fused(steps_of(snake()), NUMBERS), ["y"], ["x"])
    assert [(step.kind, step.inputs) for step in steps] == [("Snake", ("x", "a", "b"))]
    (wanted,) = reference(small_graph(snake(), {"x": X}, NUMBERS, ["y"]), {"x": X})
    (made,) = TorchGraph(steps, NUMBERS, ["x"], ["y"])(torch.from_numpy(X))
    np.testing.assert_allclose(made.numpy(), wanted, atol=1e-5)


@pytest.mark.parametrize(
    ("changed", "place", "name"),
    [("the power is not a square", 2, "a"), ("the sine is of something else", 0, "z"), ("b varies", 3, "z")],
)
def test_what_only_resembles_the_snake_stays(changed: str, place: int, name: str) -> None:
    nodes = snake()
    nodes[place].input[0 if place == 3 else 1] = name
    assert fused(steps_of(nodes), NUMBERS) == steps_of(nodes), changed


def test_what_only_resembles_a_normalisation_stays() -> None:
    nodes = [*normalised(), *STYLED]
    nodes[0].input[0] = "z"  # the mean of something else
    assert fused(steps_of(nodes), NUMBERS) == steps_of(nodes)
