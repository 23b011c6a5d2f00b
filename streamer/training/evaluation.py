"""Greedy syllable errors of an acoustic model on a list of recordings."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from streamer.settings.recognizer import RecognizerSettings
from streamer.text.pinyin import spell, toneless
from streamer.training.batches import collated
from streamer.training.examples import Example, plain_example
from streamer.training.losses import greedy
from streamer.training.model import Conformer
from streamer.training.recorded_sound import load_pcm
from streamer.training.recordings_table import read_table

_BATCH = 20


@dataclass(frozen=True, slots=True)
class TestUtterance:
    """A recording with its reference."""

    id: str
    example: Example
    reference: tuple[str, ...]
    """Spelled tokens."""


@dataclass(frozen=True, slots=True)
class ErrorCounts:
    """Errors of one utterance."""

    reference: int
    """Tokens that were said."""
    toned: int
    """Insertions, deletions and substitutions."""
    toneless: int
    """The same with tones ignored."""


def load_utterances(table: Path, most: int | None = None) -> list[TestUtterance]:
    """Utterances of a table (file, seconds, text); the files lie beside it.

    Raises:
        SettingsError: the table is not one.
        AudioFileError: a recording cannot be read, or is not mono at 16 kHz.
    """
    utterances = []
    for row in read_table(table)[:most]:
        samples = load_pcm(table.parent / row.file)[:160_000].astype(np.float32) / np.float32(32768)
        example = plain_example(samples, np.empty(0, np.int64), np.random.default_rng(0))
        utterances.append(TestUtterance(row.file, example, tuple(spell(row.text))))
    return utterances


def recognised(model: Conformer, utterances: Sequence[TestUtterance], tokens: list[str]) -> list[list[str]]:
    """Greedy transcripts, in order."""
    order = sorted(range(len(utterances)), key=lambda place: len(utterances[place].example.features))
    texts: list[list[str]] = [[] for _ in utterances]
    model.eval()
    for start in range(0, len(order), _BATCH):
        places = order[start : start + _BATCH]
        batch = collated([utterances[place].example for place in places])
        device = next(model.parameters()).device
        with torch.no_grad(), torch.autocast(device.type, torch.bfloat16):
            scores = model(batch.features.to(device), batch.length.to(device)).final
        for place, ids in zip(places, greedy(scores, batch.length), strict=True):
            texts[place] = [tokens[token] for token in ids]
    return texts


def onnx_recognised(model: Path, utterances: Sequence[TestUtterance], tokens: list[str]) -> list[list[str]]:
    """Transcripts by an exported model in dynamic or static form, one utterance at a time as in live use."""
    from streamer.asr.runners.onnx import OnnxRunner  # noqa: PLC0415 - not needed in training

    texts = []
    with closing(OnnxRunner(model, RecognizerSettings(threads=1))) as runner:
        frames = runner.inputs[0].shape[1]
        for utterance in utterances:
            features = utterance.example.features
            length = np.array([[min(250, len(features) // 4)]], np.int32)
            if frames is not None:
                features = np.pad(features, ((0, frames - len(features)), (0, 0)))
            (ids,) = runner.run({"features": features[None, :, :, None], "length": length})["ids"]
            texts.append([tokens[token] for token in ids if token >= 0])
    return texts


def count_errors(reference: Sequence[str], hypothesis: Sequence[str]) -> ErrorCounts:
    """Errors with and without tones."""
    bare = edit_distance([toneless(token) for token in reference], [toneless(token) for token in hypothesis])
    return ErrorCounts(len(reference), edit_distance(reference, hypothesis), bare)


def edit_distance(reference: Sequence[str], hypothesis: Sequence[str]) -> int:
    """Fewest insertions, deletions and substitutions."""
    row = list(range(len(hypothesis) + 1))
    for place, wanted in enumerate(reference, 1):
        diagonal, row[0] = row[0], place
        for column, found in enumerate(hypothesis, 1):
            diagonal, row[column] = row[column], min(row[column] + 1, row[column - 1] + 1, diagonal + (wanted != found))
    return row[-1]


def error_rates(counts: Sequence[ErrorCounts]) -> tuple[float, float]:
    """Toned and toneless errors per reference token."""
    said = max(1, sum(count.reference for count in counts))
    return sum(count.toned for count in counts) / said, sum(count.toneless for count in counts) / said


def interval(
    counts: Sequence[ErrorCounts], seed: int = 0, draws: int = 1000
) -> tuple[tuple[float, float], tuple[float, float]]:
    """Bootstrap 95 % intervals of the toned and the toneless rate, over utterances."""
    rng = np.random.default_rng(seed)
    table = np.array([(count.reference, count.toned, count.toneless) for count in counts], float)
    sums = table[rng.integers(len(table), size=(draws, len(table)))].sum(axis=1)
    toned, bare = (np.quantile(sums[:, column] / sums[:, 0], [0.025, 0.975]) for column in (1, 2))
    return (float(toned[0]), float(toned[1])), (float(bare[0]), float(bare[1]))
