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
from streamer.training.model import Conformer
from streamer.training.settings import ModelSettings
from streamer.training.unquantised import unquantised

_PREFIX = "model."
_PRODUCT = "MatMul_output_0"
_CONVOLUTION = "Conv_output_0"


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
    tensors = _tensors(path)
    model = Conformer(settings, tokens).eval()
    own = model.state_dict()
    try:
        _take_scores(model, tensors.pop("scores.weight"), tensors.pop("scores.bias"))
        for place in range(len(model.stem.norms)):
            own[f"stem.convolutions.{place}.weight"].copy_(tensors.pop(f"stem.convolutions.{place}.weight"))
            own[f"stem.norms.{place}.bias"].copy_(tensors.pop(f"stem.convolutions.{place}.bias"))
        for name, own_tensor in own.items():
            if not name.startswith(("scores.", "stem.norms.", "stem.convolutions.")):
                own_tensor.copy_(tensors.pop(name))
    except (KeyError, RuntimeError) as error:
        raise SettingsError(f"{path} does not hold the weights that [model] describes: {error}") from error
    return model


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


def _tensors(path: Path) -> dict[str, Tensor]:
    """Weights by the name of the parameter: the nodes' outputs are named after their modules."""
    try:
        model = unquantised(onnx.load(path))
    except (OSError, DecodeError) as error:
        raise SettingsError(f"{path} is no ONNX model: {error}") from error
    constants = {constant.name: constant for constant in model.graph.initializer}
    found = {
        name.removeprefix(_PREFIX): _tensor(constant)
        for name, constant in constants.items()
        if name.startswith(_PREFIX)
    }
    for node in model.graph.node:
        *modules, last = node.output[0].strip("/").split("/")
        module = ".".join(modules)
        if last == _PRODUCT and node.op_type == "MatMul" and node.input[1] in constants:
            found[f"{module or 'scores'}.weight"] = _tensor(constants[node.input[1]]).T
        elif last == _CONVOLUTION and node.op_type == "Conv" and f"{module}.weight" not in found:
            found[f"{module}.weight"], found[f"{module}.bias"] = (_tensor(constants[name]) for name in node.input[1:3])
    if "score_bias" in constants:
        found["scores.bias"] = _tensor(constants["score_bias"])
    return found


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
