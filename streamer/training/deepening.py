"""Trained weights made deeper without a change in what they compute.

Some blocks are followed by a copy of themselves that adds nothing: the projections which its sub-layers end in are zero
(Goyal et al. 2017, "Accurate, Large Minibatch SGD", begin residual branches so). They learn from the first step on, and
the copied layers before them from the second.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor

from streamer.errors import SettingsError
from streamer.training.weights import Weights

_PREFIX = "blocks."
_ENDS = ("before.narrow", "attention.outward", "convolution.outward", "after.narrow")
_NORM = "norm"


def deepened(weights: Weights, blocks: int) -> Weights:
    """The weights of a model with more blocks that scores as before, but for the normalisations' epsilon.

    A block ends in a normalisation, and normalising twice is normalising once: the scale and shift go to the copy, and
    what is between the two is normalised only.

    Args:
        weights: of a trained model; left as they are.
        blocks: of the deeper model. Copies are spread evenly: of seven blocks nine have the second and the sixth twice.

    Raises:
        SettingsError: the weights have more blocks than that.
    """
    old = int(weights.shape["blocks"])
    if blocks < old:
        raise SettingsError(f"model.blocks = {blocks}: these weights have {old}; a model can only be made deeper")
    origins = _origins(old, blocks)
    tensors = {name: tensor for name, tensor in weights.tensors.items() if not name.startswith(_PREFIX)}
    for place, origin in enumerate(origins):
        first = place == 0 or origins[place - 1] != origin
        last = place + 1 == blocks or origins[place + 1] != origin
        block = _block(weights.tensors, origin)
        tensors |= {
            f"{_PREFIX}{place}.{name}": _part(name, tensor, first=first, last=last) for name, tensor in block.items()
        }
    shape = {**weights.shape, "blocks": blocks}
    if middle := int(weights.shape.get("middle_ctc", 0)):
        shape["middle_ctc"] = blocks - origins[::-1].index(middle - 1)
    return replace(weights, tensors=tensors, shape=shape)


def _origins(old: int, new: int) -> list[int]:
    """Which block each block of the deeper model comes from: in order, each at least once."""
    return [(2 * place + 1) * old // (2 * new) for place in range(new)]


def _block(tensors: dict[str, Tensor], number: int) -> dict[str, Tensor]:
    """One block's weights by their names within it."""
    prefix = f"{_PREFIX}{number}."
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}


def _part(name: str, tensor: Tensor, *, first: bool, last: bool) -> Tensor:
    """A tensor of a block as it is in the first of its copies, in the last, or between."""
    layer, _, kind = name.rpartition(".")
    if layer in _ENDS and not first:
        return torch.zeros_like(tensor)
    if layer == _NORM and not last:
        return torch.full_like(tensor, 1.0 if kind == "weight" else 0.0)
    return tensor.clone()
