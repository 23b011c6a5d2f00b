"""The text models' trainings compute where the configuration says.

There is no second device here: tensors that are made without saying where are made on ``meta``, where nothing can be
computed together with the model's, as on a graphics card nothing can with those that are left on the CPU.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

from streamer.errors import SettingsError
from streamer.training import language
from streamer.training.confusions import simulated_confusions
from streamer.training.descent import Learner, available, device_of
from streamer.training.language_corpus import prepare_language
from streamer.training.language_evaluate import error_rates
from streamer.training.language_settings import read_language_settings
from streamer.training.language_spans import Batch
from streamer.training.punctuation import train_punctuation
from streamer.training.punctuation_judging import judge
from streamer.training.punctuation_learning import PunctuationState
from streamer.training.punctuation_settings import PunctuationLessons
from streamer.training.punctuation_teacher import TaughtLesson
from streamer.training.punctuation_windows import Windows
from streamer.training.sentences_training import SentenceState, perplexity, train_sentences
from streamer.training.sentences_training import _update as sentence_update
from tests.training.language_samples import TINY, tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")

DROPPING = dataclasses.replace(TINY, dropout=0.5)


def test_the_language_stage_makes_all_its_tensors_beside_its_weights(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    settings = dataclasses.replace(settings, model=dataclasses.replace(settings.model, dropout=0.5))
    state = language.new_state(settings, corpus)
    batch = Batch(np.array([[0, 1, 2, 3]]), np.array([[3, 4, 5, 6]]))
    with torch.device("meta"):
        loss = language.train_step(state, batch, settings.training)
        rates = error_rates(state.average, corpus.tune, simulated_confusions(corpus.acoustic), (0.2,))
        scores = state.average.log_probabilities(torch.from_numpy(batch.syllables))

    assert np.isfinite(loss)
    assert 0 <= rates[0.2] <= 1
    assert scores.device.type == "cpu"


def test_the_sentence_model_makes_all_its_tensors_beside_its_weights(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    state = SentenceState.new(dataclasses.replace(settings, sentences=DROPPING), corpus.acoustic)
    with torch.device("meta"):
        entropy = sentence_update(state, torch.from_numpy(np.array([[0, 1, 2, -1]])), settings.sentence_training)
        found, _ = perplexity(state.average, corpus.tune)

    assert np.isfinite(entropy)
    assert found > 1


def test_the_punctuation_model_makes_all_its_tensors_beside_its_weights(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    settings = dataclasses.replace(settings, punctuation=dataclasses.replace(settings.punctuation, dropout=0.5))
    state = PunctuationState.new(settings, len(corpus.language) + 1)
    lesson = TaughtLesson(state.average, PunctuationLessons(), bfloat16=False)
    windows = Windows(settings, corpus)
    with torch.device("meta"):
        loss = lesson(state.model.train(), windows.draw(300, progress=0.5))
        state.learn(loss, factor=1.0, decay=0.9)
        judged = judge(state.average, corpus.tune, drawing=1)

    assert loss.isfinite()
    assert judged.scores.shape == (len(judged.labels), 6)


def test_every_training_moves_to_the_configured_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    course = "[sentences]\nwidth = 16\nheads = 2\nfeed_forward = 32\n[sentence_training]\nsteps = 1\n"
    config.write_text(f'device = "cpu:0"\n{config.read_text(encoding="utf-8")}\n{course}', encoding="utf-8")
    moved: list[object] = []
    monkeypatch.setattr(nn.Module, "to", lambda module, device: (moved.append(device), module)[1])
    language.train_language(config)
    train_sentences(config)
    train_punctuation(config)

    assert moved == ["cpu:0"] * 6


def test_the_optimisers_teach_the_weights_where_they_are(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    states: list[Learner[Any]] = [
        language.new_state(settings, corpus, "meta"),
        SentenceState.new(settings, corpus.acoustic, "meta"),
        PunctuationState.new(settings, 9, "meta"),
    ]

    assert [device_of(module).type for state in states for module in (state.model, state.average)] == ["meta"] * 6
    assert {
        parameter.device.type
        for state in states
        for optimizer in state.optimizers
        for group in optimizer.param_groups
        for parameter in group["params"]
    } == {"meta"}


def test_a_graphics_card_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)

    assert available("cpu") == "cpu"
    with pytest.raises(SettingsError, match="device 'cuda:1': PyTorch finds no graphics card here"):
        available("cuda:1")


@pytest.mark.parametrize("device", ["gpu", "cuda:", "meta", ""])
def test_a_device_that_is_none_is_refused(tmp_path: Path, device: str) -> None:
    config, _ = tiny_project(tmp_path)
    config.write_text(f'device = "{device}"\n{config.read_text(encoding="utf-8")}', encoding="utf-8")

    with pytest.raises(SettingsError, match=f"device '{device}': expected 'cpu', 'cuda'"):
        read_language_settings(config)
