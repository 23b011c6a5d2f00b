"""One step of learning, the same for all text models: Muon for matrices, AdamW for the rest, a running average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import torch
from torch import Tensor, nn

from streamer.errors import SettingsError
from streamer.training.checkpoints import save_whole

Model = TypeVar("Model", bound=nn.Module)

_GRADIENT_LIMIT = 1.0
_FULL_RATE = "full_rate"
"""Key of a parameter group under which its highest rate is kept."""


@dataclass(slots=True)
class Learner(Generic[Model]):
    """Everything that changes in training."""

    model: Model
    """The weights being trained."""
    average: Model
    """Their moving average: what is measured and exported."""
    optimizers: tuple[torch.optim.Optimizer, ...]
    """Muon for matrices, AdamW for the rest."""
    step: int = 0
    """Batches seen."""

    def learn(self, loss: Tensor, *, factor: float, decay: float) -> None:
        """One update; see :func:`descend` and :func:`follow`."""
        descend(self.optimizers, loss, self.model, factor=factor)
        self.step += 1
        follow(self.average, self.model, decay=decay, step=self.step)

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        save_whole(path, self.content())

    def load(self, path: Path) -> None:
        """Go on from a checkpoint, wherever it was written."""
        self.restore(torch.load(path, map_location="cpu", weights_only=True))

    def resume(self, path: Path, start: Path | None) -> bool:
        """Go on from a checkpoint if there is one, otherwise begin with the averaged weights of another, if given.

        Args:
            path: where this training's own checkpoint would be.
            start: another's; its steps and the state of its optimisers are not taken over.

        Returns:
            Whether weights were read.

        Raises:
            SettingsError: the other checkpoint does not exist.
        """
        if path.exists():
            self.load(path)
        elif start is not None:
            if not start.exists():
                raise SettingsError(f"no checkpoint at {start}, with whose weights the training would start")
            average = torch.load(start, map_location="cpu", weights_only=True)["average"]
            self.model.load_state_dict(average)
            self.average.load_state_dict(average)
        return path.exists() or start is not None

    def content(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            "model": self.model.state_dict(), "average": self.average.state_dict(), "step": self.step,
            "optimizers": [optimizer.state_dict() for optimizer in self.optimizers],
        }  # fmt: skip

    def restore(self, content: Mapping[str, Any]) -> None:
        """Take over what a checkpoint holds."""
        self.model.load_state_dict(content["model"])
        self.average.load_state_dict(content["average"])
        for optimizer, saved in zip(self.optimizers, content["optimizers"], strict=True):
            optimizer.load_state_dict(saved)
        self.step = content["step"]


def available(device: str) -> str:
    """The configured device.

    Raises:
        SettingsError: this machine has none.
    """
    if torch.device(device).type == "cuda" and not torch.cuda.is_available():
        raise SettingsError(
            f"device {device!r}: PyTorch finds no graphics card here; "
            'take device = "cpu", and smaller batches (tokens_per_batch, batch_seconds)'
        )
    return device


def device_of(model: nn.Module) -> torch.device:
    """Where a model computes, hence where its inputs have to be."""
    return next(model.parameters()).device


def new_optimizers(
    model: nn.Module, *, rate: float, matrix_rate: float, weight_decay: float
) -> tuple[torch.optim.Optimizer, ...]:
    """Muon for the matrices inside the model's ``layers``, AdamW for embeddings, norms and biases.

    Args:
        model: whose parameters are to learn.
        rate: highest learning rate of AdamW.
        matrix_rate: highest learning rate of Muon, scaled to the size of AdamW's updates.
        weight_decay: of all weights.
    """
    matrices = [
        parameter
        for name, parameter in model.named_parameters()
        if name.endswith("weight") and "layers." in name and parameter.ndim == 2
    ]
    chosen = {id(parameter) for parameter in matrices}
    others = [parameter for parameter in model.parameters() if id(parameter) not in chosen]
    muon = torch.optim.Muon(matrices, lr=matrix_rate, weight_decay=weight_decay, adjust_lr_fn="match_rms_adamw")
    adam = torch.optim.AdamW(others, lr=rate, betas=(0.9, 0.98), weight_decay=weight_decay)
    return with_full_rates(muon, adam)


def with_full_rates(*optimizers: torch.optim.Optimizer) -> tuple[torch.optim.Optimizer, ...]:
    """The optimisers, for :func:`descend`: the rates that they have now are their highest."""
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group[_FULL_RATE] = group["lr"]
    return optimizers


def descend(optimizers: tuple[torch.optim.Optimizer, ...], loss: Tensor, model: nn.Module, *, factor: float) -> None:
    """One update.

    Args:
        optimizers: of :func:`new_optimizers`.
        loss: to be lowered.
        model: whose gradients are clipped.
        factor: of the highest rates.
    """
    for optimizer in optimizers:
        for group in optimizer.param_groups:
            group["lr"] = factor * group[_FULL_RATE]
        optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), _GRADIENT_LIMIT)
    for optimizer in optimizers:
        optimizer.step()


@torch.no_grad()
def follow(average: nn.Module, model: nn.Module, *, decay: float, step: int) -> None:
    """Move the running average of the weights towards the model; faster in the first steps, which are soon outdated."""
    held = min(decay, step / (step + 10))
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - held)
