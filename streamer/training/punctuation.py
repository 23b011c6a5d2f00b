"""Trains the punctuation model on the punctuated corpora, calibrates it, and writes it as ONNX."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch.nn import functional

from streamer.training.descent import Learner, device_of, new_optimizers
from streamer.training.language_corpus import LanguageCorpus, load_language_corpus
from streamer.training.language_export import quantise_matrices
from streamer.training.language_settings import LanguageSettings, PunctuationTraining, read_language_settings
from streamer.training.language_spans import IGNORED, PADDING, EncodedText
from streamer.training.pauses import simulated_pauses
from streamer.training.punctuation_calibration import JudgedText, calibrated, f1_of, fit_bias, fit_calibration
from streamer.training.punctuation_export import ExportedPunctuationModel
from streamer.training.punctuation_model import PunctuationModel
from streamer.training.punctuation_windows import PunctuationBatch, mark_labels, windows
from streamer.training.spoken_form import MARKS

CHECKPOINT: Final = "punctuation.pt"
CONTEXT: Final = 40
"""Characters given before the part that is judged, as at run time."""

_BATCH: Final = 64
_SAVE_EVERY: Final = 500
_DRAWINGS: Final = 3
"""Drawings of simulated pauses that the calibration is fitted on."""


class PunctuationState(Learner[PunctuationModel]):
    """Everything that changes in training."""

    @classmethod
    def new(cls, settings: LanguageSettings, classes: int, device: str = "cpu") -> PunctuationState:
        """Random weights, the same on every device."""
        model = PunctuationModel(settings.punctuation, classes).to(device)
        average = PunctuationModel(settings.punctuation, classes).to(device).eval().requires_grad_(False)
        average.load_state_dict(model.state_dict())
        training = settings.punctuation_training
        optimizers = new_optimizers(
            model, rate=training.rate, matrix_rate=training.rate, weight_decay=training.weight_decay
        )
        return cls(model, average, optimizers)


def train_punctuation(config_path: Path) -> None:
    """Train for the configured steps, or continue from the checkpoint in the work folder.

    Raises:
        SettingsError: the configuration is wrong, or the corpora were not prepared.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    training = settings.punctuation_training
    torch.set_num_threads(training.threads)
    torch.manual_seed(settings.seed)
    state = PunctuationState.new(settings, len(corpus.language) + 1, settings.device)
    path = settings.work_folder / CHECKPOINT
    if path.exists():
        state.load(path)
    losses: list[float] = []
    began = time.monotonic()
    for batch in windows(settings, corpus, np.random.default_rng((settings.seed, state.step)), state.step):
        if state.step >= training.steps:
            break
        losses.append(_update(state, batch, training))
        last = state.step == training.steps
        if state.step % 100 == 0 or last:
            loss, seconds = float(np.mean(losses[-100:])), time.monotonic() - began
            entry = {"punctuation_step": state.step, "punctuation_loss": loss, "seconds": seconds}
            print(json.dumps(entry), flush=True)  # noqa: T201 - progress of a command-line training
        if state.step % _SAVE_EVERY == 0 or last:
            state.save(path)
            scores = mark_scores(state.average, corpus.tune)
            print(json.dumps(scores, ensure_ascii=False), flush=True)  # noqa: T201 - likewise


def mark_scores(model: PunctuationModel, text: EncodedText) -> dict[str, float]:
    """F1 of each mark on held-out meetings by characters alone, each window with context on both sides.

    Args:
        model: in evaluation mode.
        text: the meetings.
    """
    return dict(zip(MARKS[1:], f1_of(judge(model, text)).tolist()[1:], strict=True))


def judge(model: PunctuationModel, text: EncodedText, drawing: int | None = None) -> JudgedText:
    """All scored positions of held-out meetings, each with context on both sides.

    Args:
        model: in evaluation mode.
        text: the meetings.
        drawing: seed of the simulated pauses; None: the model sees characters only.
    """
    labels, size, device = mark_labels(text), len(text.characters), device_of(model)
    silence = np.zeros(size, np.float32)
    if drawing is not None:
        silence = simulated_pauses(labels, np.random.default_rng(drawing))
    reach = 80 + 2 * CONTEXT
    scores = np.zeros((size, len(MARKS)), np.float32)
    firsts = list(range(0, size, 80))
    for begin in range(0, len(firsts), _BATCH):
        group = firsts[begin : begin + _BATCH]
        characters = np.full((len(group), reach), PADDING, np.int64)
        quiet = np.zeros((len(group), reach), np.float32)
        for row, first in enumerate(group):
            part = slice(max(0, first - CONTEXT), min(size, first + 80 + CONTEXT))
            characters[row, : part.stop - part.start] = text.characters[part]
            quiet[row, : part.stop - part.start] = silence[part]
        with torch.no_grad():
            style = torch.zeros(len(group), dtype=torch.int64, device=device)
            given = torch.from_numpy(characters).to(device), torch.from_numpy(quiet).to(device)
            judged = model(*given, style).cpu().numpy()
        for row, first in enumerate(group):
            offset = min(first, CONTEXT)
            stop = min(size, first + 80)
            scores[first:stop] = judged[row, offset : offset + stop - first]
    is_scored = labels != IGNORED
    return JudgedText(scores[is_scored], silence[is_scored], labels[is_scored])


def export_punctuation(config_path: Path, path: Path) -> None:
    """Fit the calibration on the tuning meetings and write the ONNX file that ``streamer.text.punctuation`` runs.

    Characters without known pauses count once, each of a few drawings of simulated pauses once.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    model = load_punctuation(settings, corpus)
    judged = [judge(model, corpus.tune, drawing) for drawing in (None, *range(_DRAWINGS))]
    calibration = fit_calibration(judged)
    bias = fit_bias([calibrated(calibration, text) for text in judged])
    write_punctuation(ExportedPunctuationModel(model, calibration, bias).eval(), path)


def write_punctuation(exported: ExportedPunctuationModel, path: Path) -> None:
    """Write the ONNX file: dynamic length, int8 matrices."""
    example = torch.arange(3, 14, dtype=torch.int32).unsqueeze(0), torch.zeros(1, 11)
    axes = {"characters": {1: "n"}, "pauses": {1: "n"}, "log_probs": {1: "n"}}
    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            exported, example, str(plain), input_names=["characters", "pauses"], output_names=["log_probs"],
            dynamic_axes=axes, opset_version=17, dynamo=False,
        )  # fmt: skip
        quantise_matrices(plain, path)


def load_punctuation(settings: LanguageSettings, corpus: LanguageCorpus) -> PunctuationModel:
    """The averaged weights of the checkpoint, in evaluation mode."""
    model = PunctuationModel(settings.punctuation, len(corpus.language) + 1)
    saved = torch.load(settings.work_folder / CHECKPOINT, map_location="cpu", weights_only=True)
    model.load_state_dict(saved["average"])
    return model.eval()


def _update(state: PunctuationState, batch: PunctuationBatch, training: PunctuationTraining) -> float:
    device = device_of(state.model)
    characters, pauses, styles, marks = (
        torch.from_numpy(array).to(device) for array in (batch.characters, batch.pauses, batch.styles, batch.marks)
    )
    with torch.autocast(device.type, torch.bfloat16, enabled=training.bfloat16):
        scores = state.model.train()(characters, pauses, styles)
    loss = functional.cross_entropy(scores.float().flatten(0, 1), marks.flatten(), ignore_index=IGNORED)
    state.learn(loss, factor=training.factor(state.step), decay=training.average)
    return float(loss.detach())
