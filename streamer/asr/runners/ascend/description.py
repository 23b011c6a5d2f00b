"""How pyACL describes a model's tensors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TensorDescription:
    """An input or output as the model file describes it."""

    name: str
    """Inputs keep their name; ``atc`` renames outputs (``<op>:<edge>:<name>``)."""
    type: int
    """aclDataType."""
    dims: tuple[int, ...]
    """-1 where batch gears apply."""
    size: int
    """Bytes."""
