"""Trained weights in half precision: small enough to keep, exact enough to fine-tune from."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from streamer.arrays import save_arrays
from streamer.errors import SettingsError
from streamer.training.checkpoints import Checkpoint

_FACTS = "facts.json"


@dataclass(frozen=True, slots=True)
class Weights:
    """A trained model without its optimiser."""

    tensors: dict[str, Tensor]
    """By the name of the parameter, ``float32``."""
    tokens: list[str]
    """The token table it was trained with."""
    shape: dict[str, float]
    """The model's settings."""


def save_weights(path: Path, checkpoint: Checkpoint) -> None:
    """Write the averaged weights of a checkpoint as float16 (``.npz``)."""
    arrays = {name: _half(tensor) for name, tensor in checkpoint["average"].items()}
    facts = json.dumps({"tokens": checkpoint["tokens"], "shape": checkpoint["shape"]}, ensure_ascii=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    save_arrays(path, {**arrays, _FACTS: np.array(facts)}, compressed=True)


def load_weights(path: Path) -> Weights:
    """Read weights.

    Raises:
        SettingsError: the file is missing or is not one of :func:`save_weights`.
    """
    try:
        with np.load(path, allow_pickle=False) as archive:
            facts = json.loads(str(archive[_FACTS]))
            arrays = {name: archive[name] for name in archive.files if name != _FACTS}
    except (OSError, ValueError, KeyError) as error:
        raise SettingsError(f"{path} holds no weights of streamer's acoustic model: {error}") from error
    tensors = {name: torch.from_numpy(_whole(array)) for name, array in arrays.items()}
    return Weights(tensors, facts["tokens"], facts["shape"])


def _half(tensor: Tensor) -> np.ndarray[tuple[int, ...], np.dtype[np.float16 | np.int64]]:
    """Floats halved; counters as they are."""
    array: np.ndarray[tuple[int, ...], np.dtype[np.float16 | np.int64]] = tensor.cpu().numpy()
    return array.astype(np.float16) if tensor.is_floating_point() else array


def _whole(
    array: np.ndarray[tuple[int, ...], np.dtype[np.float16 | np.int64]],
) -> np.ndarray[tuple[int, ...], np.dtype[np.float32 | np.int64]]:
    return array.astype(np.float32) if array.dtype == np.float16 else array.astype(np.int64)
