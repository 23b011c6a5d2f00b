"""The punctuation model's teacher: a larger network, too slow for live use, whose opinions the small one learns.

Marks are a matter of habit, and each corpus has its own. For texts that are no meetings, and for those without any
marks, the teacher says how probable each mark would be in a meeting: more than the text itself tells (Hinton et al.,
"Distilling the Knowledge in a Neural Network", 2015).
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn import functional

from streamer.training.language_corpus import LanguageCorpus
from streamer.training.language_settings import LanguageSettings
from streamer.training.language_spans import IGNORED
from streamer.training.pretrained_marks import pretrained_learner
from streamer.training.punctuation_learning import (
    MarksLearner,
    MarksLesson,
    PunctuationState,
    learn_course,
    marks_loss,
    scores_of,
)
from streamer.training.punctuation_model import STYLES
from streamer.training.punctuation_settings import PunctuationLessons
from streamer.training.punctuation_windows import PunctuationBatch, Windows

CHECKPOINT: Final = "punctuation-teacher.pt"

_MEETINGS: Final = STYLES.index("meetings")


def train_teacher(settings: LanguageSettings, corpus: LanguageCorpus) -> nn.Module | None:
    """The trained teacher in evaluation mode, on the configured device; None where none is configured.

    It learns from the texts' marks alone, for the configured steps, or goes on from its checkpoint.

    Raises:
        SettingsError: it would begin with an encoder that is not there.
    """
    training, state = settings.punctuation_teacher_training, new_teacher(settings, corpus)
    if state is None:
        return None
    path = settings.work_folder / CHECKPOINT
    state.resume(path, training.start)
    if state.step < training.steps:
        windows = Windows(settings, corpus, step=state.step)
        learn_course(state, windows, training, MarksLesson(bfloat16=training.bfloat16), path, corpus.tune)
    return state.average


def new_teacher(settings: LanguageSettings, corpus: LanguageCorpus) -> MarksLearner | None:
    """A teacher before its first step: with a pretrained encoder, if one is configured, or random weights."""
    training = settings.punctuation_teacher_training
    if settings.punctuation_encoder is not None:
        return pretrained_learner(settings.punctuation_encoder, corpus.language, training, settings.device)
    if settings.punctuation_teacher is None:
        return None
    return PunctuationState.shaped(settings.punctuation_teacher, training, len(corpus.language) + 1, settings.device)


@dataclass(frozen=True, slots=True)
class TaughtLesson:
    """The texts' own marks, and what the teacher thinks of the same windows."""

    teacher: nn.Module
    """In evaluation mode."""
    lessons: PunctuationLessons
    """Weights and shares."""
    bfloat16: bool
    """Whether matrices are multiplied in it."""

    def __call__(self, model: nn.Module, batch: PunctuationBatch) -> Tensor:
        """Cross-entropy per character, with the marks, with the teacher's probabilities, and at ends, weighted."""
        chosen = torch.rand(len(batch.styles), device=batch.styles.device) < self.lessons.restyled_share
        batch = as_of_meetings(batch, chosen)
        with torch.no_grad():
            probabilities = scores_of(self.teacher, batch, bfloat16=self.bfloat16).softmax(-1)
        scores = scores_of(model, batch, bfloat16=self.bfloat16)
        told = marks_loss(scores, batch.marks)
        taught = taught_loss(scores, probabilities, (batch.characters >= 0) & ~batch.ends)
        at_ends = marks_loss(scores, torch.where(batch.ends, batch.marks, IGNORED))
        share, weight = self.lessons.marks_share, self.lessons.ended_weight
        return share * told + (1 - share) * taught + weight * at_ends


def as_of_meetings(batch: PunctuationBatch, chosen: Tensor) -> PunctuationBatch:
    """The batch with some windows of other texts as if they were of meetings, where their marks are not right answers.

    Args:
        batch: windows.
        chosen: (windows,) which ones, if they are not of meetings anyway.
    """
    restyled = chosen & (batch.styles != _MEETINGS)
    return dataclasses.replace(
        batch,
        styles=torch.where(restyled, _MEETINGS, batch.styles),
        marks=torch.where(restyled[:, None], IGNORED, batch.marks),
    )


def taught_loss(scores: Tensor, probabilities: Tensor, present: Tensor) -> Tensor:
    """Mean cross-entropy of the scores with the teacher's probabilities.

    Args:
        scores: (windows, longest, marks) before the softmax.
        probabilities: likewise, the teacher's.
        present: (windows, longest) where a character is.
    """
    entropies = -(probabilities * functional.log_softmax(scores, -1)).sum(-1)
    return (entropies * present).sum() / present.sum()
