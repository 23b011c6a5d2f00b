"""The acoustic model's blocks compiled by PyTorch: few large kernels on a graphics card instead of many small ones."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._dynamo import maybe_mark_dynamic  # it is documented, and public under no other name

from streamer.errors import SettingsError
from streamer.training.model import Conformer

Backend = str | Callable[[torch.fx.GraphModule, Sequence[Tensor]], Callable[..., Any]]
_TRIAL = (2, 64)
"""Utterances and feature frames; a batch of one utterance alone is compiled anew."""


def compile_blocks(model: Conformer, backend: Backend = "inductor") -> None:
    """Compile the blocks: once for all of them, and for any number and length of utterances.

    What the model computes stays the same but for rounding, and its weights keep their names. It takes a minute.

    Args:
        model: on its device, where it is going to be trained in bfloat16.
        backend: of PyTorch's compiler.

    Raises:
        SettingsError: PyTorch cannot compile here.
    """
    for block in model.blocks:
        vars(block)["forward"] = _OfAnySize(torch.compile(block.forward, dynamic=True, backend=backend))
    try:
        _try_out(model)
    except RuntimeError as error:
        reason = " ".join(str(error).splitlines()[:2])
        raise SettingsError(
            f"train.compiled: PyTorch cannot compile the model here ({reason}); take train.compiled = false"
        ) from error


@dataclass(frozen=True, slots=True)
class _OfAnySize:
    """A compiled block, which is told the dimensions that vary, or else it would be compiled anew for each length."""

    compiled: Callable[[Tensor, Tensor, Tensor, Tensor, Tensor], Tensor]

    def __call__(self, hidden: Tensor, keep: Tensor, bias: Tensor, cosine: Tensor, sine: Tensor) -> Tensor:
        # Of a view the compiler may take the size of the whole for given; a copy is its own whole.
        keep, cosine, sine = keep.clone(), cosine.clone(), sine.clone()
        for tensor, places in ((hidden, (0, 1)), (keep, (0, 1)), (bias, (0, 3)), (cosine, (0,)), (sine, (0,))):
            for place in places:
                maybe_mark_dynamic(tensor, place)
        return self.compiled(hidden, keep, bias, cosine, sine)


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
