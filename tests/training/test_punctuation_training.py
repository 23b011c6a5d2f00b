"""Training the punctuation model in miniature."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from streamer.asr.runners.onnx import OnnxRunner
from streamer.settings.recognizer import RecognizerSettings
from streamer.text.punctuation import MARKS, Punctuator
from streamer.training.language_corpus import load_language_corpus, prepare_language
from streamer.training.language_spans import IGNORED, EncodedText
from streamer.training.punctuation import (
    export_punctuation,
    fit_bias,
    load_punctuation,
    mark_scores,
    simulated_pauses,
    train_punctuation,
    windows,
)
from streamer.training.text_corpus import Passage
from tests.training.language_samples import tables, tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")


def test_training_exports_a_model_that_the_punctuator_runs(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    train_punctuation(config)
    export_punctuation(config, tmp_path / "punctuation.onnx")
    runner = OnnxRunner(tmp_path / "punctuation.onnx", RecognizerSettings())
    marks = Punctuator(runner, corpus.tables.characters).marks("银行是市", "silence", context="妈")
    runner.close()

    assert len(marks) == 4
    assert marks[-1] in "。？！"


def test_windows_carry_marks_of_their_text(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    batch = next(windows(settings, corpus, np.random.default_rng(1)))
    scored = batch.marks != IGNORED

    assert batch.characters.shape == batch.marks.shape == batch.pauses.shape
    assert (batch.characters[scored] >= 0).all()
    assert set(batch.marks[scored].tolist()) <= set(range(len(MARKS)))
    assert batch.styles.tolist() == [0] * len(batch.styles)


def test_pauses_follow_sentences_more_often_than_commas() -> None:
    random = np.random.default_rng(2)
    shares = [
        float((simulated_pauses(np.full(2000, MARKS.index(mark)), random) > 0).mean()) for mark in ("。", "，", "")
    ]

    assert shares[0] > shares[1] > shares[2] > 0


def test_scores_of_a_model_that_always_writes_commas(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    train_punctuation(config)
    model = load_punctuation(settings, load_language_corpus(settings))
    with torch.no_grad():
        model.out.bias[MARKS.index("，")] = 100.0
    text = EncodedText.of([Passage("银行是市", ("yin2", "hang2", "shi4", "shi4"), ("", "，", "", "。"))], tables())
    scores = mark_scores(model, text)

    assert scores["，"] == {"precision": 0.25, "recall": 1.0, "f1": 0.4}
    assert scores["。"]["f1"] == 0.0
    assert fit_bias(model, text).shape == (len(MARKS),)
