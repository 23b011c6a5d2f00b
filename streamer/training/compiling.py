"""The acoustic model's blocks compiled by PyTorch: few large kernels on a graphics card instead of many small ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from streamer.errors import SettingsError
from streamer.training.model import Conformer

Backend = str | Callable[[torch.fx.GraphModule, Sequence[Tensor]], Callable[..., Any]]
_TRIAL = (3, 88)
"""Utterances and feature frames (11 steps): no sizes of the model, with which they would be taken for the same."""


def compile_blocks(model: Conformer, backend: Backend = "inductor") -> None:
    """Compile the blocks: once for all of them, and for any number and length of utterances.

    What the model computes stays the same but for rounding, and its weights keep their names. It takes a minute, and
    another one when a batch of a single utterance comes.

    Args:
        model: on its device, where it is going to be trained in bfloat16.
        backend: of PyTorch's compiler.

    Raises:
        SettingsError: PyTorch cannot compile here.
    """
    blocks: list[Any] = list(model.blocks)
    for block in blocks:
        # The compiler takes the length for given where it compiles the way back through a convolution over time
        # (PyTorch 2.13, `convolution_backward_lowering`): with it, each length would be compiled anew.
        depthwise = block.convolution.depthwise
        vars(depthwise)["forward"] = torch.compiler.disable(depthwise.forward)  # type: ignore[no-untyped-call]
        block.compile(dynamic=True, backend=backend)
    try:
        _try_out(model)
    except RuntimeError as error:
        reason = " ".join(str(error).splitlines()[:2])
        raise SettingsError(
            f"train.compiled: PyTorch cannot compile the model here ({reason}); take train.compiled = false"
        ) from error


def _try_out(model: Conformer) -> None:
    """Compile now, forwards and backwards, on silence; statistics, gradients and random numbers stay as they were."""
    number, frames = _TRIAL
    device = model.norm.weight.device
    features, length = torch.zeros(number, frames, 80, device=device), torch.full((number,), frames // 4, device=device)
    model.stem.eval()
    with torch.random.fork_rng([device] if device.type == "cuda" else []), torch.autocast(device.type, torch.bfloat16):
        found = model.encoded(features, length)
    found.sum().backward()  # type: ignore[no-untyped-call]
    model.stem.train()
    model.zero_grad()
