"""Weights out of an exported acoustic model: what a pack ships can be trained on, where no checkpoint was kept."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from google.protobuf.message import DecodeError
from onnx import numpy_helper
from torch import Tensor, nn

from streamer.errors import SettingsError
from streamer.training.composition import RESIDUAL_SCALE
from streamer.training.model import FEED_FORWARD_SHARE, Conformer
from streamer.training.settings import ModelSettings
from streamer.training.unquantised import unquantised


def exported_model(path: Path, settings: ModelSettings, tokens: list[str]) -> Conformer:
    """The model whose export, int8 or fp32 and of dynamic length, lies at a path.

    It scores as the export does, but for the epsilon of batch normalisations, which is in their variance and in the
    convolutions that they are part of: see :func:`renormalise`. The one matrix of scores is taken apart again into
    components (least squares) and residuals.

    Args:
        path: of the ONNX file.
        settings: the shape it was trained with.
        tokens: of its table.

    Raises:
        SettingsError: the file is another model, or of another shape.
    """
    tensors = _tensors(path, settings.blocks)
    model = Conformer(settings, tokens).eval()
    own = model.state_dict()
    try:
        _take_scores(model, tensors.pop("scores.weight"), tensors.pop("scores.bias"))
        for place in range(len(model.stem.norms)):
            own[f"stem.convolutions.{place}.weight"].copy_(tensors.pop(f"stem.convolutions.{place}.weight"))
            own[f"stem.norms.{place}.bias"].copy_(tensors.pop(f"stem.convolutions.{place}.bias"))
        for name, own_tensor in own.items():
            if not name.startswith(("scores.", "stem.norms.", "stem.convolutions.")):
                own_tensor.copy_(tensors.pop(name).reshape(own_tensor.shape))
    except (KeyError, RuntimeError) as error:
        raise SettingsError(f"{path} does not hold the weights that [model] describes: {error}") from error
    return model


def exported_blocks(path: Path) -> int:
    """How many blocks an exported model has.

    Raises:
        SettingsError: the file is no ONNX model.
    """
    return (len(_layers(_unquantised(path))) - len(_names(0))) // (len(_names(1)) - len(_names(0)))


@torch.no_grad()
def renormalise(model: Conformer, batches: Iterable[tuple[Tensor, Tensor]]) -> None:
    """Give the stem's normalisations the statistics of some sound, so that training finds them as it left them.

    What the model computes outside training stays the same.

    Args:
        model: of :func:`exported_model`.
        batches: features ``(batch, frames, 80)`` and lengths ``(batch,)``, as in training.
    """
    held = list(batches)
    for place, layer in enumerate(model.stem.norms):
        norm: Any = layer
        probe = _Probe()
        handle = model.stem.convolutions[place].register_forward_hook(probe)
        for features, length in held:
            model.stem(features, length)
        handle.remove()
        mean, variance = probe.statistics()
        scale = torch.sqrt(norm.running_var + norm.eps)
        fresh = torch.sqrt(variance + norm.eps)
        norm.bias.copy_(norm.bias + norm.weight * (mean - norm.running_mean) / scale)
        norm.weight.copy_(norm.weight * fresh / scale)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(variance)


class _Probe:
    """Mean and variance of a layer's output channels."""

    def __init__(self) -> None:
        self._means: list[Tensor] = []
        self._squares: list[Tensor] = []

    def __call__(self, _layer: nn.Module, _inputs: tuple[Tensor, ...], output: Tensor) -> None:
        self._means.append(output.mean(dim=(0, 2, 3)))
        self._squares.append(output.square().mean(dim=(0, 2, 3)))

    def statistics(self) -> tuple[Tensor, Tensor]:
        """Mean and variance ``(channels,)``."""
        mean = torch.stack(self._means).mean(dim=0)
        return mean, torch.stack(self._squares).mean(dim=0) - mean.square()


def _tensors(path: Path, blocks: int) -> dict[str, Tensor]:
    """Weights by the name of the parameter."""
    model = _unquantised(path)
    layers, names = _layers(model), _names(blocks)
    if len(names) != len(layers):
        raise SettingsError(
            f"{path} does not hold the weights that [model] describes: {len(layers)} layers, expected {len(names)}"
        )
    # What a feed-forward layer counts is in its weights, but in exports of before that was so.
    share = 1.0 if _has_shares(model) else FEED_FORWARD_SHARE
    return {
        f"{name}.{part}": tensor / share if name.endswith(".narrow") else tensor
        for name, tensors in zip(names, layers, strict=True)
        for part, tensor in zip(("weight", "bias"), tensors, strict=True)
    }


def _unquantised(path: Path) -> onnx.ModelProto:
    try:
        model: onnx.ModelProto = unquantised(onnx.load(path))
    except (OSError, DecodeError) as error:
        raise SettingsError(f"{path} is no ONNX model: {error}") from error
    return model


def _has_shares(model: onnx.ModelProto) -> bool:
    """Whether it has operators that multiply what feed-forward layers give."""
    numbers = {each.name: each for each in model.graph.initializer}
    # Exports that were not made small have operators for constants.
    numbers |= {node.output[0]: node.attribute[0].t for node in model.graph.node if node.op_type == "Constant"}
    shares = {name for name, each in numbers.items() if not each.dims and _tensor(each).item() == FEED_FORWARD_SHARE}
    return any(node.op_type == "Mul" and shares & set(node.input) for node in model.graph.node)


def _layers(model: onnx.ModelProto) -> list[tuple[Tensor, Tensor]]:
    """Weight and bias of every layer.

    Names do not outlive an export that is made small, but the layers lie behind one another in one order only.
    """
    constants = {constant.name: constant for constant in model.graph.initializer}
    added = {
        name: constants[other]
        for node in model.graph.node
        if node.op_type == "Add"
        for name, other in (tuple(node.input), tuple(reversed(node.input)))
        if other in constants
    }
    layers: list[tuple[Tensor, Tensor]] = []
    for node in model.graph.node:
        if node.op_type in ("Conv", "LayerNormalization"):
            layers.append((_tensor(constants[node.input[1]]), _tensor(constants[node.input[2]])))
        elif node.op_type == "MatMul" and node.input[1] in constants:
            layers.append((_tensor(constants[node.input[1]]).T, _tensor(added[node.output[0]])))
    return layers


def _names(blocks: int) -> list[str]:
    """Every layer with weights, in the order in which sound passes them."""
    parts = (
        "before.norm", "before.widen", "before.narrow", "attention.norm", "attention.inward", "attention.outward",
        "convolution.norm", "convolution.gate", "convolution.depthwise", "convolution.inner_norm",
        "convolution.outward", "after.norm", "after.widen", "after.narrow", "norm",
    )  # fmt: skip
    return [
        *(f"stem.convolutions.{place}" for place in range(3)), "stem.project", "stem.norm",
        *(f"blocks.{block}.{part}" for block in range(blocks) for part in parts),
        "norm", "pair", "pair_norm", "scores",
    ]  # fmt: skip


def _tensor(constant: Any) -> Tensor:
    return torch.from_numpy(np.array(numpy_helper.to_array(constant)))


@torch.no_grad()
def _take_scores(model: Conformer, weight: Tensor, bias: Tensor) -> None:
    """Take the merged matrix apart: shared components as far as they go, the remainder in each syllable's own row."""
    scores = model.scores
    syllables = len(scores.parts)
    if tuple(weight.shape) != tuple(scores.merged()[0].shape):
        raise SettingsError(f"{len(weight) - 1} tokens of width {weight.shape[1]}; the table has {len(bias) - 1}")
    incidence = torch.zeros(syllables, len(scores.components)).scatter_(1, scores.parts, 1.0)
    both = torch.cat([weight[:syllables], bias[:syllables, None]], dim=1)
    shared = torch.linalg.lstsq(incidence, both, driver="gelsd").solution
    own = (both - incidence @ shared) / RESIDUAL_SCALE
    scores.components.copy_(shared[:, :-1])
    scores.component_bias.copy_(shared[:, -1])
    scores.residual.copy_(own[:, :-1])
    scores.residual_bias.copy_(own[:, -1])
    scores.own.copy_(weight[syllables:])
    scores.own_bias.copy_(bias[syllables:])
