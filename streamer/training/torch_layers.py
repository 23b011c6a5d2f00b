"""ONNX operators that compute, in PyTorch: each maker takes a step and gives a function of its inputs."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from streamer.training.graph_steps import Step
from streamer.training.torch_shapes import Function, Maker, Surroundings


class Lstm:
    """ONNX's LSTM of two directions over PyTorch's, which orders its gates otherwise."""

    def __init__(self, into: npt.NDArray[Any], back: npt.NDArray[Any], bias: npt.NDArray[Any], device: str) -> None:
        """Take over weights ``(2, 4 hidden, inputs)``, ``(2, 4 hidden, hidden)`` and both biases ``(2, 8 hidden)``."""
        hidden = back.shape[2]
        self._layer = torch.nn.LSTM(into.shape[2], hidden, bidirectional=True)
        state: dict[str, Tensor] = {}
        for way, tail in enumerate(("", "_reverse")):
            state |= {
                f"weight_ih_l0{tail}": _gates(into[way]),
                f"weight_hh_l0{tail}": _gates(back[way]),
                f"bias_ih_l0{tail}": _gates(bias[way, : 4 * hidden]),
                f"bias_hh_l0{tail}": _gates(bias[way, 4 * hidden :]),
            }
        self._layer.load_state_dict(state)
        self._layer.requires_grad_(False).to(device)

    def __call__(self, x: Tensor) -> Tensor:
        """``(steps, batch, inputs)`` → ``(steps, 2, batch, hidden)``."""
        out, _ = self._layer(x)
        steps, batch, width = out.shape
        spread: Tensor = out.view(steps, batch, 2, width // 2).permute(0, 2, 1, 3)
        return spread


def instance_norm(x: Tensor, weight: Tensor | None, bias: Tensor | None, eps: float) -> Tensor:
    """Normalise ``(batch, channels, steps)`` over the steps; weight and bias ``(batch or 1, channels, 1)``."""
    batch, channels, steps = x.shape
    weight, bias = (
        None if each is None else each.expand(batch, channels, 1).reshape(-1).float() for each in (weight, bias)
    )
    # Each row as a channel: the kernel for batch normalisation is the fast one.
    rows = torch.native_batch_norm(x.reshape(1, -1, steps), weight, bias, None, None, True, 0.0, eps)[0]
    return rows.view(batch, channels, steps)


def _gates(weights: npt.NDArray[Any]) -> Tensor:
    """ONNX's input, output, forget, cell → PyTorch's input, forget, cell, output."""
    into, out, forget, cell = np.split(weights.astype(np.float32), 4)
    return torch.from_numpy(np.concatenate([into, forget, cell, out]))


def _simple(function: Function) -> Maker:
    return lambda _step, _around: function


def _paired(function: Callable[[Any, Any], Any]) -> Maker:
    def run(x: Any, y: Any) -> Any:
        if isinstance(x, Tensor) and isinstance(y, Tensor) and x.device != y.device:
            # What was computed from shapes is on the CPU: as a single number it may meet a tensor of the device.
            x, y = (each.reshape(()) if each.device.type == "cpu" else each for each in (x, y))
        return function(x, y)

    return _simple(run)


def _squared(x: Tensor, power: float) -> Tensor:
    # Powers in general take many times longer.
    return x * x if power == 2.0 else x**power


def _layer_norm(step: Step, _around: Surroundings) -> Function:
    eps = step.attributes["epsilon"]
    return lambda x, weight, bias: functional.layer_norm(x, weight.shape, weight, bias, eps)


def _skip_layer_norm(step: Step, _around: Surroundings) -> Function:
    eps = step.attributes["epsilon"]
    return lambda x, y, weight, bias: functional.layer_norm(x + y, weight.shape, weight, bias, eps)


def _fast_gelu(_step: Step, _around: Surroundings) -> Function:
    return lambda x, bias: functional.gelu(x + bias, approximate="tanh")


def _softmax(step: Step, _around: Surroundings) -> Function:
    axis = step.attributes["axis"]
    return lambda x: torch.softmax(x, axis)


def _leaky_relu(step: Step, _around: Surroundings) -> Function:
    slope = step.attributes["alpha"]
    return lambda x: functional.leaky_relu(x, slope)


def _reduce(function: Callable[..., Tensor]) -> Maker:
    def make(step: Step, around: Surroundings) -> Function:
        axes, keep = around.integers(step.inputs[1]), bool(step.attributes["keepdims"])
        return lambda x, _: function(x, axes, keepdim=keep)

    return make


def _cumulative_sum(step: Step, around: Surroundings) -> Function:
    (axis,) = around.integers(step.inputs[1])
    return lambda x, _: x.cumsum(axis)


def _even_pad(step: Step) -> int:
    before, after = step.attributes["pads"]
    if before != after:
        raise NotImplementedError(f"{step.outputs[0]}: padding of {before} before and {after} after")
    return int(before)


def _convolution(step: Step, around: Surroundings) -> Function:
    stride, dilation, groups = (step.attributes[name] for name in ("strides", "dilations", "group"))
    pad, dtype = _even_pad(step), around.dtype
    return lambda x, weight, bias=None: functional.conv1d(x.to(dtype), weight, bias, stride, pad, dilation, groups)


def _transposed_convolution(step: Step, around: Surroundings) -> Function:
    stride, groups = step.attributes["strides"], step.attributes["group"]
    more, pad, dtype = step.attributes.get("output_padding", [0]), _even_pad(step), around.dtype
    filters = around.arrays[step.inputs[1]].shape[1:]
    if groups > 1 and (filters, list(stride), pad, list(more)) == ((1, 3), [2], 1, [1]):
        return lambda x, weight, bias: _doubled(x.to(dtype), weight, bias)

    def run(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
        return functional.conv_transpose1d(x.to(dtype), weight, bias, stride, pad, more, groups)

    return run


def _doubled(x: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
    """A transposed convolution to twice the steps, one filter of three a channel: libraries are slow at that."""
    following = functional.pad(x[..., 1:], (0, 1))
    even = torch.addcmul(bias[:, None], x, weight[:, :, 1])
    odd = torch.addcmul(torch.addcmul(bias[:, None], x, weight[:, :, 2]), following, weight[:, :, 0])
    return torch.stack([even, odd], -1).flatten(-2)


def _short_time_fourier(step: Step, around: Surroundings) -> Function:
    (hop,) = around.integers(step.inputs[1])
    window = around.arrays[step.inputs[2]].astype(np.float64)
    width = len(window)
    angles = 2 * np.pi * np.arange(width)[:, None] * np.arange(width // 2 + 1) / width
    waves = np.stack([np.cos(angles), -np.sin(angles)], -1).reshape(width, -1) * window[:, None]
    basis = torch.from_numpy(waves).to(around.device)

    def run(x: Tensor, *_: Any) -> Tensor:
        # In double precision: the phases of what is nearly nothing count.
        spectra = x.unfold(-1, width, hop).double() @ basis
        return spectra.float().view(*spectra.shape[:2], -1, 2)

    return run


def _lstm(step: Step, around: Surroundings) -> Function:
    if any(name in around.arrays and around.arrays[name].any() for name in step.inputs[5:]):
        raise NotImplementedError(f"{step.outputs[0]}: an LSTM that does not begin with zeros")
    into, back, bias = (around.arrays[name] for name in step.inputs[1:4])
    layer = Lstm(into, back, bias, around.device)
    return lambda x, *_: layer(x)


def _norm(step: Step, _around: Surroundings) -> Function:
    eps = step.attributes["eps"]
    return lambda x, weight=None, bias=None: instance_norm(x, weight, bias, eps)


def _snake(_step: Step, _around: Surroundings) -> Function:
    return lambda x, a, b: torch.addcmul(x, torch.sin(x * a).square_(), b)


LAYERS: Mapping[str, Maker] = {
    **{name: _simple(getattr(torch, name.lower())) for name in ("Atan", "Cos", "Exp", "Floor", "Round", "Sigmoid")},
    **{name: _simple(getattr(torch, name.lower())) for name in ("Sin", "Sqrt", "Tanh", "MatMul")},
    "Add": _paired(operator.add),
    "Conv": _convolution,
    "ConvTranspose": _transposed_convolution,
    "CumSum": _cumulative_sum,
    "Div": _paired(operator.truediv),
    "Equal": _paired(operator.eq),
    "FastGelu": _fast_gelu,
    "Greater": _paired(operator.gt),
    "LSTM": _lstm,
    "LayerNormalization": _layer_norm,
    "LeakyRelu": _leaky_relu,
    "Less": _paired(operator.lt),
    "Mul": _paired(operator.mul),
    "Norm": _norm,
    "Pow": _simple(_squared),
    "ReduceMean": _reduce(torch.mean),
    "ReduceSum": _reduce(torch.sum),
    "STFT": _short_time_fourier,
    "SkipLayerNormalization": _skip_layer_norm,
    "Snake": _snake,
    "Softmax": _softmax,
    "Sub": _paired(operator.sub),
}
"""Makers by ONNX's names, and of the patterns of :mod:`streamer.training.graph_steps`."""
