"""Training of the acoustic model."""

from __future__ import annotations

import itertools
import json
import math
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import msgspec
import torch
from torch import Tensor

from streamer.errors import SettingsError
from streamer.training.batches import Batch
from streamer.training.checkpoints import Checkpoint, load_checkpoint, save_checkpoint
from streamer.training.compiling import compile_blocks
from streamer.training.deepening import deepened
from streamer.training.evaluation import TestUtterance, count_errors, error_rates, recognised
from streamer.training.exported import exported_blocks, exported_model, renormalise
from streamer.training.losses import Losses, losses
from streamer.training.model import Conformer
from streamer.training.optimisation import RunningAverage, take_step
from streamer.training.settings import Settings, TrainSettings
from streamer.training.weights import Weights, load_weights

LAST = "last.pt"
BEST = "best.pt"
_MOST_GRADIENT = 5.0
_NORMALISING_BATCHES = 12
_LOG_EVERY = 10
"""Steps between lines of the log: only then does training wait for the figures of a device."""


class AcousticTrainer:
    """A model, its optimiser and its average, step by step."""

    def __init__(self, settings: Settings, tokens: list[str]) -> None:
        torch.manual_seed(settings.train.seed)
        self._settings, self._tokens = settings, tokens
        self._device = torch.device(settings.train.device)
        self.model = Conformer(settings.model, tokens).to(self._device)
        self.averaged = Conformer(settings.model, tokens).to(self._device)
        self.averaged.load_state_dict(self.model.state_dict())
        if settings.train.compiled:
            compile_blocks(self.model)
        self._average = RunningAverage(self.averaged, self.model)
        self._optimizer = torch.optim.AdamW(
            _groups(self.model, settings.train.weight_decay), betas=(0.9, 0.98), fused=True
        )
        self.step = 0
        """Steps done."""
        self.best = math.inf
        """Lowest toned error measured."""

    def train_step(self, batch: Batch) -> Losses:
        """Learn from one batch."""
        train = self._settings.train
        for group in self._optimizer.param_groups:
            group["lr"] = learning_rate(self.step + 1, train)
        batch = _moved(batch, self._device)
        self.model.train()
        with torch.autocast(self._device.type, torch.bfloat16):
            scores = self.model(batch.features, batch.length.to(self._device, non_blocking=True))
        found = losses(
            scores,
            batch,
            flat_start=self.step < train.flat_start,
            frame_weight=train.frame_weight,
            middle_weight=train.middle_weight,
            consistency_weight=train.consistency,
        )
        self._optimizer.zero_grad()
        found.total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(self.model.parameters(), _MOST_GRADIENT)
        take_step(self._optimizer, norm)
        self.step += 1
        self._average.follow(min(train.average, (1 + self.step) / (10 + self.step)))
        return found

    def begin_with(self, weights: Weights) -> None:
        """Take over trained weights of the same shape and token table; where they have fewer blocks, made deeper.

        Raises:
            SettingsError: the shape or the table differs, or the weights have more blocks.
        """
        weights = deepened(weights, self._settings.model.blocks)
        shape = msgspec.to_builtins(self._settings.model)
        differing = [key for key, value in shape.items() if weights.shape.get(key) != value and key != "dropout"]
        if differing or weights.tokens != self._tokens:
            what = f"model.{differing[0]}" if differing else "the token table"
            raise SettingsError(f"train.start: {what} is not the one that these weights were trained with")
        self.model.load_state_dict(weights.tensors)
        self.averaged.load_state_dict(weights.tensors)

    def measure(self, utterances: list[TestUtterance]) -> tuple[float, float]:
        """Toned and toneless error of the averaged weights."""
        found = recognised(self.averaged, utterances, self._tokens)
        pairs = zip(utterances, found, strict=True)
        return error_rates([count_errors(utterance.reference, tokens) for utterance, tokens in pairs])

    def checkpoint(self) -> Checkpoint:
        """Everything that a later run needs."""
        return Checkpoint(
            step=self.step,
            model=self.model.state_dict(),
            average=self.averaged.state_dict(),
            optimizer=self._optimizer.state_dict(),
            tokens=self._tokens,
            random=torch.get_rng_state(),
            best=self.best,
            shape=msgspec.to_builtins(self._settings.model),
        )

    def restore(self, checkpoint: Checkpoint) -> None:
        """Go on from a checkpoint."""
        self.model.load_state_dict(checkpoint["model"])
        self.averaged.load_state_dict(checkpoint["average"])
        self._optimizer.load_state_dict(checkpoint["optimizer"])
        torch.set_rng_state(checkpoint["random"])
        self.step, self.best = checkpoint["step"], checkpoint["best"]


def train_acoustic(
    settings: Settings,
    tokens: list[str],
    batches: Callable[[int], Iterable[Batch]],
    tune: list[TestUtterance],
    report: Callable[[dict[str, float]], None],
) -> None:
    """Train from the run folder's last checkpoint, or from random weights, to the last step.

    Args:
        settings: of the training file.
        tokens: of the acoustic table.
        batches: batches from a step on.
        tune: utterances to measure progress with.
        report: receives every line of the log.
    """
    train, run = settings.train, settings.paths.run
    torch.set_num_threads(train.threads)
    # What a card computes in 32 bits is mostly made of what it got in 16: TF32 loses nothing here.
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = True
    trainer = AcousticTrainer(settings, tokens)
    if (run / LAST).exists():
        trainer.restore(load_checkpoint(run / LAST))
    elif train.start:
        trainer.begin_with(_start_weights(settings, tokens, batches))
    run.mkdir(parents=True, exist_ok=True)
    began, seconds, recent = time.monotonic(), 0.0, []
    with (run / "log.jsonl").open("a", encoding="utf-8") as log:
        for batch in batches(trainer.step):
            recent.append(trainer.train_step(batch))
            seconds += float(batch.length.sum()) * 0.04 / batch.views
            line: dict[str, float] = {}
            if trainer.step % _LOG_EVERY == 0:
                elapsed = time.monotonic() - began
                names = ["ctc", "frame", *(["consistency"] if train.consistency else [])]
                line = {"step": trainer.step, **_mean(recent, names), "times_real_time": seconds / elapsed}
                began, seconds, recent = time.monotonic(), 0.0, []
            if trainer.step % train.evaluate_every == 0 and trainer.step > train.flat_start:
                line |= {"step": trainer.step, **_measured(trainer, tune, run)}
            if trainer.step % train.save_every == 0 or trainer.step >= train.steps:
                save_checkpoint(run / LAST, trainer.checkpoint())
            if line:
                log.write(json.dumps(line) + "\n")
                log.flush()
                report(line)
            if trainer.step >= train.steps:
                return


def learning_rate(step: int, train: TrainSettings) -> float:
    """Linear to the highest, level, then falling with the root of the steps: friendly to training for days.

    With a cool-down, linear to zero at the last step.
    """
    cooled = (train.steps - step) / train.cool_down if train.cool_down else 1.0
    return (
        train.learning_rate * min(step / train.warm_up, 1.0, math.sqrt(train.hold / step)) * min(1.0, max(0.0, cooled))
    )


def _start_weights(settings: Settings, tokens: list[str], batches: Callable[[int], Iterable[Batch]]) -> Weights:
    """Saved weights, or those of an exported model, normalised by the sound that training will bring."""
    path = Path(settings.train.start)
    if path.suffix != ".onnx":
        return load_weights(path)
    device = torch.device(settings.train.device)
    shape = msgspec.structs.replace(settings.model, blocks=exported_blocks(path))
    model = exported_model(path, shape, tokens).to(device)
    first = itertools.islice(batches(0), _NORMALISING_BATCHES)
    renormalise(model, ((batch.features.to(device), batch.length.to(device)) for batch in first))
    return Weights(model.state_dict(), tokens, msgspec.to_builtins(shape))


def _measured(trainer: AcousticTrainer, tune: list[TestUtterance], run: Path) -> dict[str, float]:
    toned, bare = trainer.measure(tune)
    if toned < trainer.best:
        trainer.best = toned
        save_checkpoint(run / BEST, trainer.checkpoint())
    return {"toned": toned, "toneless": bare}


def _mean(recent: list[Losses], names: list[str]) -> dict[str, float]:
    return {name: sum(getattr(loss, name).item() for loss in recent) / len(recent) for name in names}


def _groups(model: Conformer, decay: float) -> list[dict[str, object]]:
    """Matrices decay; biases and scales do not."""
    matrices: list[Tensor] = [weights for weights in model.parameters() if weights.dim() > 1]
    others: list[Tensor] = [weights for weights in model.parameters() if weights.dim() <= 1]
    return [{"params": matrices, "weight_decay": decay}, {"params": others, "weight_decay": 0.0}]


def _moved(batch: Batch, device: torch.device) -> Batch:
    moved = (tensor.to(device, non_blocking=True) for tensor in (batch.features, batch.tokens, batch.labels))
    features, tokens, labels = moved
    return replace(batch, features=features, tokens=tokens, labels=labels)
