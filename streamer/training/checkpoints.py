"""Checkpoints: everything that training needs to go on as if it had not stopped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypedDict

import torch
from torch import Tensor

from streamer.errors import SettingsError


class Checkpoint(TypedDict):
    """What is saved."""

    step: int
    """Steps done."""
    model: dict[str, Tensor]
    average: dict[str, Tensor]
    """Running average of the weights: what is measured and exported."""
    optimizer: dict[str, object]
    tokens: list[str]
    random: Tensor
    """State of the generator that dropout draws from."""
    best: float
    """Lowest toned error on the tune list so far."""
    shape: dict[str, float]
    """The model's settings, so that a checkpoint can be exported without the training file."""


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, and its folder where there is none.

    Raises:
        OSError: as of :func:`save_whole`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    save_whole(path, checkpoint)


def save_whole(path: Path, content: Mapping[str, object]) -> None:
    """Write beside, then rename: a kill, or a full disk, leaves the old or the new one.

    Raises:
        OSError: it cannot be written.
    """
    fresh = path.with_suffix(".new")
    try:
        with fresh.open("wb") as file:
            torch.save(content, file)
    except (OSError, RuntimeError) as error:
        # PyTorch makes of most an error of its own about an unexpected place in the file.
        cause = error if isinstance(error, OSError) else error.__context__
        if not isinstance(cause, OSError):
            raise
        fresh.unlink(missing_ok=True)
        raise OSError(cause.errno, cause.strerror, str(fresh)) from error
    fresh.replace(path)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint.

    Raises:
        SettingsError: there is none, or it is not one.
    """
    try:
        checkpoint: Checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    except FileNotFoundError as error:
        raise SettingsError(f"no checkpoint at {path}; `streamer train acoustic` writes one") from error
    if "average" not in checkpoint:
        raise SettingsError(f"{path} is no checkpoint of streamer's: it has no averaged weights")
    return checkpoint


def mean_checkpoint(checkpoints: Sequence[Checkpoint]) -> Checkpoint:
    """The last checkpoint with the mean of all their averaged weights: for branches that left one run not long ago.

    Raises:
        SettingsError: there are none, or they are of models of different shapes or tokens.
    """
    if not checkpoints:
        raise SettingsError("no checkpoints to average")
    last = checkpoints[-1]
    if any(each["shape"] != last["shape"] or each["tokens"] != last["tokens"] for each in checkpoints):
        raise SettingsError("checkpoints can be averaged only if their models' shapes and tokens are equal")
    mean = {
        name: torch.stack([each["average"][name] for each in checkpoints]).mean(0)
        if weight.is_floating_point()
        else weight
        for name, weight in last["average"].items()
    }
    return {**last, "average": mean}
