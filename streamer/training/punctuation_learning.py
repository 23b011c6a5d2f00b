"""The course of learning marks, the same for the punctuation model and its teacher."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.descent import Learner, device_of
from streamer.training.language import language_optimizers, schedule
from streamer.training.language_settings import LanguageSettings, ModelSettings, TrainingSettings
from streamer.training.language_spans import IGNORED, EncodedText
from streamer.training.pretrained_marks import PretrainedMarks
from streamer.training.punctuation_judging import mark_scores
from streamer.training.punctuation_model import PunctuationModel
from streamer.training.punctuation_windows import PunctuationBatch, Windows

MarksLearner = Learner[PunctuationModel] | Learner[PretrainedMarks]
"""Of networks that give ``(batch, n, marks)`` scores for characters, pauses and styles."""

_NOTE_EVERY: Final = 100
_SAVE_EVERY: Final = 500


class PunctuationState(Learner[PunctuationModel]):
    """Everything that changes in training."""

    @classmethod
    def new(cls, settings: LanguageSettings, classes: int, device: str = "cpu") -> PunctuationState:
        """The model that is exported, with random weights, the same on every device."""
        return cls.shaped(settings.punctuation, settings.punctuation_training, classes, device)

    @classmethod
    def shaped(
        cls, shape: ModelSettings, training: TrainingSettings, classes: int, device: str = "cpu"
    ) -> PunctuationState:
        """A model of any shape, likewise."""
        model = PunctuationModel(shape, classes).to(device)
        average = PunctuationModel(shape, classes).to(device).eval().requires_grad_(False)
        average.load_state_dict(model.state_dict())
        return cls(model, average, language_optimizers(model, training))


class Lesson(Protocol):
    """What is minimised."""

    def __call__(self, model: nn.Module, batch: PunctuationBatch) -> Tensor:
        """The loss of a model in training mode."""


@dataclass(frozen=True, slots=True)
class MarksLesson:
    """The texts' own marks."""

    bfloat16: bool
    """Whether matrices are multiplied in it."""

    def __call__(self, model: nn.Module, batch: PunctuationBatch) -> Tensor:
        """Cross-entropy per scored character."""
        return marks_loss(scores_of(model, batch, bfloat16=self.bfloat16), batch.marks)


def scores_of(model: nn.Module, batch: PunctuationBatch, *, bfloat16: bool) -> Tensor:
    """(windows, longest, marks) scores before the softmax, in full precision."""
    with torch.autocast(device_of(model).type, torch.bfloat16, enabled=bfloat16):
        scores: Tensor = model(batch.characters, batch.pauses, batch.styles)
    return scores.float()


def marks_loss(scores: Tensor, marks: Tensor) -> Tensor:
    """Mean cross-entropy over the scored characters, 0 where there are none.

    Args:
        scores: (windows, longest, marks).
        marks: (windows, longest) index into ``MARKS``, or ``IGNORED``.
    """
    total = functional.cross_entropy(scores.flatten(0, 1), marks.flatten(), ignore_index=IGNORED, reduction="sum")
    mean: Tensor = total / (marks != IGNORED).sum().clamp(min=1)
    return mean


def learn_course(
    state: MarksLearner,
    windows: Windows,
    training: TrainingSettings,
    lesson: Lesson,
    path: Path,
    tune: EncodedText,
) -> None:
    """Train until the configured step.

    Args:
        state: what learns, at any step.
        windows: what it is shown.
        training: the course.
        lesson: what is minimised.
        path: of its checkpoint.
        tune: held-out meetings.
    """
    losses: list[Tensor] = []
    began = time.monotonic()
    while state.step < training.steps:
        batch = windows.draw(training.tokens_per_batch, state.step / training.steps)
        loss = lesson(state.model.train(), batch)
        state.learn(loss, factor=schedule(state.step, training), decay=training.average)
        losses.append(loss.detach())
        last = state.step == training.steps
        if state.step % _NOTE_EVERY == 0 or last:
            mean, seconds = float(torch.stack(losses).mean()), time.monotonic() - began
            losses.clear()
            _note({"model": path.stem, "step": state.step, "loss": mean, "seconds": seconds})
        if state.step % _SAVE_EVERY == 0 or last:
            state.save(path)
            _note({"model": path.stem, "step": state.step, "f1": mark_scores(state.average, tune)})


def _note(entry: dict[str, object]) -> None:
    print(json.dumps(entry, ensure_ascii=False), flush=True)  # noqa: T201 - progress of a command-line training
