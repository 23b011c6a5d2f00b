"""Trains the punctuation model on the punctuated corpora, fits its thresholds, and writes it as ONNX."""

from __future__ import annotations

import json
import tempfile
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from streamer.training.language_corpus import LanguageCorpus, load_language_corpus
from streamer.training.language_export import quantise_matrices
from streamer.training.language_settings import LanguageSettings, read_language_settings
from streamer.training.language_spans import IGNORED, PADDING, EncodedText, Ids
from streamer.training.punctuation_model import STYLES, ExportedPunctuationModel, PunctuationModel
from streamer.training.spoken_form import MARKS

CHECKPOINT: Final = "punctuation.pt"
CONTEXT: Final = 40
"""Characters given before the part that is judged, as at run time."""

_SENTENCE_MARKS: Final = (MARKS.index("。"), MARKS.index("？"), MARKS.index("！"))
_BATCH: Final = 64
_SAVE_EVERY: Final = 200
_CLASS_WEIGHTS: Final = (1.0, 1.0, 1.0, 1.6, 1.0, 1.3)


@dataclass(frozen=True, slots=True)
class PunctuationBatch:
    """Windows of text."""

    characters: Ids
    """(windows, longest) language ids, ``PADDING`` after the end."""
    pauses: npt.NDArray[np.float32]
    """(windows, longest) seconds of silence after each character; all 0 where not known."""
    marks: Ids
    """(windows, longest) index into ``MARKS``, ``IGNORED`` where not scored."""
    styles: Ids
    """(windows,) index into ``STYLES``."""


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
    model = PunctuationModel(settings.punctuation, len(corpus.language) + 1)
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=training.rate, betas=(0.9, 0.98), weight_decay=training.weight_decay
    )
    path, step = settings.work_folder / CHECKPOINT, 0
    if path.exists():
        content = torch.load(path, weights_only=True)
        model.load_state_dict(content["model"])
        optimizer.load_state_dict(content["optimizer"])
        step = content["step"]
    losses: list[float] = []
    began = time.monotonic()
    for batch in windows(settings, corpus, np.random.default_rng((settings.seed, step))):
        if step >= training.steps:
            break
        for group in optimizer.param_groups:
            group["lr"] = training.rate * training.factor(step)
        losses.append(_update(model.train(), batch, optimizer, bfloat16=training.bfloat16))
        step += 1
        if step % 100 == 0 or step == training.steps:
            entry = {
                "punctuation_step": step,
                "punctuation_loss": float(np.mean(losses[-100:])),
                "seconds": time.monotonic() - began,
            }
            print(json.dumps(entry), flush=True)  # noqa: T201 - progress of a command-line training
        if step % _SAVE_EVERY == 0 or step == training.steps:
            torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict(), "step": step}, path)
            print(json.dumps(mark_scores(model.eval(), corpus.tune)), flush=True)  # noqa: T201 - likewise


def windows(
    settings: LanguageSettings, corpus: LanguageCorpus, random: np.random.Generator
) -> Iterator[PunctuationBatch]:
    """Random windows of the punctuated corpora, without end."""
    names = [entry.name for entry in settings.corpora if entry.punctuated]
    weights = np.array(
        [
            len(corpus.training[entry.name].marks) * entry.punctuation_weight
            for entry in settings.corpora
            if entry.punctuated
        ]
    )
    styles = {entry.name: _style(entry.layout, entry.name) for entry in settings.corpora}
    labels = {name: _labels(corpus.training[name]) for name in names}
    starts = {name: _sentence_starts(corpus.training[name]) for name in names}
    while True:
        longest = int(random.integers(16, 140))
        count = max(1, settings.punctuation_training.tokens_per_batch // longest)
        chosen = [names[index] for index in random.choice(len(names), count, p=weights / weights.sum())]
        parts = [_window(starts[name], len(labels[name]), longest, random) for name in chosen]
        batch = PunctuationBatch(
            np.full((count, longest), PADDING, np.int64), np.zeros((count, longest), np.float32),
            np.full((count, longest), IGNORED, np.int64), np.array([styles[name] for name in chosen], np.int64),
        )  # fmt: skip
        for row, (name, part) in enumerate(zip(chosen, parts, strict=True)):
            size = part.stop - part.start
            batch.characters[row, :size] = corpus.training[name].characters[part]
            batch.marks[row, :size] = labels[name][part]
            if random.random() < 0.5:
                batch.pauses[row, :size] = simulated_pauses(batch.marks[row, :size], random)
        unknown = (random.random(batch.characters.shape) < 0.01) & (batch.characters >= 0)
        batch.characters[unknown] = 0
        yield batch


def simulated_pauses(marks: Ids, random: np.random.Generator) -> npt.NDArray[np.float32]:
    """Seconds of silence after each character: usual at sentence marks, frequent at commas, rare elsewhere."""
    chance = np.select(
        [np.isin(marks, _SENTENCE_MARKS), marks == MARKS.index("，"), marks == MARKS.index("、")],
        [0.85, 0.55, 0.25],
        0.04,
    )
    typical = np.select([np.isin(marks, _SENTENCE_MARKS), marks == MARKS.index("，")], [0.6, 0.35], 0.25)
    pauses = np.exp(random.normal(np.log(typical), 0.6)) * (random.random(len(marks)) < chance)
    return np.asarray(pauses, np.float32)


def mark_scores(
    model: PunctuationModel, text: EncodedText, bias: Tensor | None = None, *, pauses: bool = False
) -> dict[str, dict[str, float]]:
    """Precision, recall and F1 of each mark on held-out meetings, each window with context on both sides.

    Args:
        model: in evaluation mode.
        text: the meetings.
        bias: (marks,) added to the scores.
        pauses: whether simulated pauses are given; without them the model sees characters only.
    """
    scores, labels = _judge(model, text, pauses=pauses)
    answers = (scores + (0 if bias is None else bias.numpy())).argmax(-1)
    return {mark: _f1(answers == index, labels == index) for index, mark in enumerate(MARKS) if mark}


def fit_bias(model: PunctuationModel, text: EncodedText) -> Tensor:
    """(marks,) biases that maximise the sum of the F1 of ，。？、 on tuning meetings, by coordinate ascent."""
    scores, labels = _judge(model, text, pauses=False)
    bias = np.zeros(len(MARKS))

    def quality(candidate: npt.NDArray[np.float64]) -> float:
        answers = (scores + candidate).argmax(-1)
        return sum(_f1(answers == MARKS.index(mark), labels == MARKS.index(mark))["f1"] for mark in "，。？、")

    for _ in range(3):
        for index in range(1, len(MARKS)):
            trials = [bias + offset * (np.arange(len(MARKS)) == index) for offset in np.linspace(-1.5, 1.5, 25)]
            bias = max(trials, key=quality)
    return torch.tensor(bias, dtype=torch.float32)


def export_punctuation(config_path: Path, path: Path) -> None:
    """Fit the biases on the tuning meetings and write the ONNX file that ``streamer.text.punctuation`` runs."""
    settings = read_language_settings(config_path)
    corpus = load_language_corpus(settings)
    model = load_punctuation(settings, corpus)
    exported = ExportedPunctuationModel(model, fit_bias(model, corpus.tune)).eval()
    write_punctuation(exported, path)


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
    """The weights of the checkpoint, in evaluation mode."""
    model = PunctuationModel(settings.punctuation, len(corpus.language) + 1)
    model.load_state_dict(torch.load(settings.work_folder / CHECKPOINT, weights_only=True)["model"])
    return model.eval()


def _update(
    model: PunctuationModel, batch: PunctuationBatch, optimizer: torch.optim.Optimizer, *, bfloat16: bool
) -> float:
    with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
        scores = model(
            torch.from_numpy(batch.characters), torch.from_numpy(batch.pauses), torch.from_numpy(batch.styles)
        )
    marks = torch.from_numpy(batch.marks)
    weights = torch.tensor(_CLASS_WEIGHTS)
    loss = functional.cross_entropy(scores.float().flatten(0, 1), marks.flatten(), weights, ignore_index=IGNORED)
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    return float(loss.detach())


def _style(layout: str, name: str) -> int:
    return STYLES.index("meetings" if layout == "meetings" else "dialogues" if name == "dialogues" else "written")


def _labels(text: EncodedText) -> Ids:
    """Marks as labels; the end of a passage without a mark is not scored."""
    labels = text.marks.astype(np.int64)
    ends = text.starts[1:] - 1
    labels[ends[labels[ends] == 0]] = IGNORED
    return labels


def _sentence_starts(text: EncodedText) -> Ids:
    after_marks = np.flatnonzero(np.isin(text.marks, _SENTENCE_MARKS)) + 1
    return np.union1d(text.starts[:-1], after_marks[after_marks < len(text.marks)])


def _window(starts: Ids, size: int, longest: int, random: np.random.Generator) -> slice:
    first = int(starts[random.integers(len(starts))]) if random.random() < 0.6 else int(random.integers(size))
    last = min(first + longest, size)
    if random.random() < 0.4:
        index = int(np.searchsorted(starts, last, side="right")) - 1
        last = int(starts[index]) if starts[index] > first else last
    return slice(first, last)


def _judge(model: PunctuationModel, text: EncodedText, *, pauses: bool) -> tuple[npt.NDArray[np.float32], Ids]:
    """Scores (n, marks) and labels (n,) of all scored positions."""
    labels, size = _labels(text), len(text.characters)
    silence = simulated_pauses(labels, np.random.default_rng(0)) if pauses else np.zeros(size, np.float32)
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
            judged = model(
                torch.from_numpy(characters), torch.from_numpy(quiet), torch.zeros(len(group), dtype=torch.int64)
            ).numpy()
        for row, first in enumerate(group):
            offset = min(first, CONTEXT)
            stop = min(size, first + 80)
            scores[first:stop] = judged[row, offset : offset + stop - first]
    return scores[labels != IGNORED], labels[labels != IGNORED]


def _f1(answers: npt.NDArray[np.bool_], labels: npt.NDArray[np.bool_]) -> dict[str, float]:
    hits = float((answers & labels).sum())
    precision, recall = hits / max(1, answers.sum()), hits / max(1, labels.sum())
    return {"precision": precision, "recall": recall, "f1": 2 * hits / max(1, answers.sum() + labels.sum())}
