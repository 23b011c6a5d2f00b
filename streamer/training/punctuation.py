"""Trains the punctuation model, if need be its teacher first, calibrates it, and writes it as ONNX."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Final

import torch

from streamer.training.descent import available
from streamer.training.language_corpus import LanguageCorpus, load_language_corpus
from streamer.training.language_export import quantise_matrices
from streamer.training.language_settings import LanguageSettings, read_language_settings
from streamer.training.punctuation_calibration import calibrated, fit_bias, fit_calibration
from streamer.training.punctuation_export import ExportedPunctuationModel
from streamer.training.punctuation_judging import judge
from streamer.training.punctuation_learning import MarksLesson, PunctuationState, learn_course
from streamer.training.punctuation_model import PunctuationModel
from streamer.training.punctuation_teacher import TaughtLesson, train_teacher
from streamer.training.punctuation_windows import Windows

CHECKPOINT: Final = "punctuation.pt"

_DRAWINGS: Final = 3
"""Drawings of simulated pauses that the calibration is fitted on."""


def train_punctuation(config_path: Path) -> None:
    """Train for the configured steps, or continue from the checkpoint in the work folder.

    Where a teacher is configured, it is trained before (or its own checkpoint read). If nothing is left to learn,
    neither it nor the device is needed.

    Raises:
        SettingsError: the configuration is wrong, or the corpora were not prepared.
    """
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    training, path = settings.punctuation_training, settings.work_folder / CHECKPOINT
    if path.exists() and torch.load(path, map_location="cpu", weights_only=True)["step"] >= training.steps:
        return
    torch.set_num_threads(training.threads)
    torch.manual_seed(settings.seed)
    state = PunctuationState.new(settings, len(corpus.language) + 1, available(settings.device))
    state.resume(path, training.start)
    teacher = train_teacher(settings, corpus)
    lesson = (
        TaughtLesson(teacher, settings.punctuation_lessons, bfloat16=training.bfloat16)
        if teacher
        else MarksLesson(bfloat16=training.bfloat16)
    )
    windows = Windows(settings, corpus, step=state.step, unmarked=teacher is not None)
    learn_course(state, windows, training, lesson, path, corpus.tune)


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
