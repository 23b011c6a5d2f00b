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
from streamer.training.language_spans import EncodedText
from streamer.training.pauses import simulated_pauses
from streamer.training.punctuation import (
    CHECKPOINT,
    export_punctuation,
    load_punctuation,
    train_punctuation,
    write_punctuation,
)
from streamer.training.punctuation_calibration import Calibration
from streamer.training.punctuation_export import ExportedPunctuationModel
from streamer.training.punctuation_judging import mark_scores
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

    assert scores["，"] == 0.4
    assert scores["。"] == 0.0


def test_training_goes_on_where_it_stopped(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    train_punctuation(config)
    path = settings.work_folder / CHECKPOINT
    done = torch.load(path, weights_only=True)
    config.write_text(config.read_text(encoding="utf-8").replace("steps = 2\n", "steps = 3\n"), encoding="utf-8")
    train_punctuation(config)
    more = torch.load(path, weights_only=True)

    assert (done["step"], more["step"]) == (2, 3)
    assert not torch.equal(done["model"]["out.weight"], more["model"]["out.weight"])


def test_the_file_gives_what_the_network_gives(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    train_punctuation(config)
    calibration = Calibration()
    torch.nn.init.constant_(calibration.heard, 0.7)
    exported = ExportedPunctuationModel(load_punctuation(settings, corpus), calibration, torch.zeros(len(MARKS))).eval()
    write_punctuation(exported, tmp_path / "punctuation.onnx")
    characters, pauses = torch.tensor([[3, 4, 5, 0, 3]], dtype=torch.int32), torch.tensor([[0, 0.5, 0, 0, 0]])
    runner = OnnxRunner(tmp_path / "punctuation.onnx", RecognizerSettings())
    written = runner.run({"characters": characters.numpy(), "pauses": pauses.numpy()})["log_probs"]
    runner.close()

    np.testing.assert_allclose(written, exported(characters, pauses).detach().numpy(), atol=0.05)
