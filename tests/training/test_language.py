"""Training the language stage in miniature: preparation, resuming, learning, evaluation, the trigram."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
import torch

from streamer.errors import SettingsError
from streamer.training import language
from streamer.training.confusions import simulated_confusions
from streamer.training.language_corpus import load_language_corpus, prepare_language, texts_by_share
from streamer.training.language_curves import CURVES
from streamer.training.language_evaluate import error_rates, heard, sentences
from streamer.training.language_settings import TrainingSettings, read_language_settings
from streamer.training.language_spans import Batch, EncodedText
from streamer.training.text_corpus import Passage
from streamer.training.trigram import CharacterTrigram, trigram_error_rate
from tests.training.language_samples import CHARACTERS, SYLLABLES, tables, tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")


def test_preparation_holds_out_meetings_and_evaluation_texts(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    trained = corpus.training["meetings"]
    text = "".join(corpus.language[index - 1] for index in trained.characters)

    assert text == "银行是市妈是市市是银行"
    assert [len(corpus.tune), len(corpus.test)] == [2, 1]


def test_preparation_keeps_tables_that_models_were_trained_for(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    prepare_language(settings)
    kept = "".join(reversed(settings.language_tokens.read_text(encoding="utf-8").splitlines(keepends=True)[3:]))
    table = "".join(settings.language_tokens.read_text(encoding="utf-8").splitlines(keepends=True)[:3]) + kept
    settings.language_tokens.write_text(table, encoding="utf-8")

    corpus = prepare_language(settings)

    assert settings.language_tokens.read_text(encoding="utf-8") == table
    assert (
        "".join(corpus.language[index - 1] for index in corpus.training["meetings"].characters)
        == "银行是市妈是市市是银行"
    )


def test_texts_are_counted_as_often_as_the_sentence_model_sees_them(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    counts = []
    for share in ("weight = 0.4", "weight = 0.4\nsentence_weight = 2.6"):
        text = config.read_text(encoding="utf-8").replace('layout = "meetings"', f'layout = "meetings"\n{share}')
        (tmp_path / "other.toml").write_text(text, encoding="utf-8")
        counts.append(len(texts_by_share(read_language_settings(tmp_path / "other.toml"), corpus)))

    assert counts == [0, 3]


def test_training_without_preparation_says_what_to_do(tmp_path: Path) -> None:
    config, _ = tiny_project(tmp_path)

    with pytest.raises(SettingsError, match="`streamer train language prepare` writes it"):
        language.train_language(config)


def test_training_stops_at_its_steps_and_resumes(tmp_path: Path) -> None:
    config, settings = tiny_project(tmp_path)
    prepare_language(settings)
    language.train_language(config)
    config.write_text(config.read_text(encoding="utf-8").replace("steps = 6", "steps = 9"), encoding="utf-8")
    language.train_language(config)

    state = language.new_state(settings, load_language_corpus(settings))
    state.load(settings.work_folder / language.CHECKPOINT)
    notes = [json.loads(line) for line in (settings.work_folder / CURVES).read_text().splitlines()]

    assert state.step == 9
    assert [note["step"] for note in notes if "tune_0%" in note] == [6, 9]
    assert (settings.work_folder / "curves.png").stat().st_size > 1000


def test_an_epoch_is_a_function_of_its_number(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    first, again, other = (list(language.epoch_batches(settings, corpus, epoch)) for epoch in (1, 1, 2))

    assert [batch.syllables.tolist() for batch in first] == [batch.syllables.tolist() for batch in again]
    assert [batch.syllables.tolist() for batch in first] != [batch.syllables.tolist() for batch in other]


def test_the_rate_rises_stays_and_falls() -> None:
    training = TrainingSettings(steps=100, warm_up=10, decay_share=0.5)

    assert [language.schedule(step, training) for step in (0, 9, 50, 75, 100)] == [0.1, 1.0, 1.0, 0.5, 0.0]


def test_a_few_steps_learn_a_fixed_batch(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    state = language.new_state(settings, prepare_language(settings))
    batch = Batch(np.array([[0, 1, 2, 3]]), np.array([[3, 4, 5, 6]]))
    training = dataclasses.replace(settings.training, steps=1000, warm_up=1, rate=0.01, matrix_rate=0.01)
    losses = [language.train_step(state, batch, training) for _ in range(60)]

    assert losses[-1] < 0.5 * losses[0]


def test_simulated_errors_are_always_the_same() -> None:
    spans = [(np.arange(5), np.arange(3, 8))] * 20
    confusions = simulated_confusions(SYLLABLES)
    first, again = heard(spans, confusions, 0.3), heard(spans, confusions, 0.3)

    assert [span[0].tolist() for span in first] == [span[0].tolist() for span in again]


def test_long_sentences_are_cut_for_evaluation() -> None:
    text = EncodedText.of([Passage("银" * 230, ("yin2",) * 230, ("",) * 230)], tables())

    assert [len(span[0]) for span in sentences(text)] == [100, 100, 30]


def test_error_rates_count_wrong_characters(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    corpus = prepare_language(settings)
    state = language.new_state(settings, corpus)
    with torch.no_grad():
        state.average.bias[corpus.tables.characters["是"]] = 100.0
    rates = error_rates(state.average, corpus.tune, simulated_confusions(corpus.acoustic), [0.0])

    assert rates == {0.0: pytest.approx(4 / 6)}


def test_the_trigram_repairs_by_context() -> None:
    lines = [
        Passage("妈是银行", ("ma1", "shi4", "yin2", "hang2"), ("",) * 4),
        Passage("银市", ("yin2", "shi4"), ("",) * 2),
    ]
    text = EncodedText.of(lines * 4, tables())
    trigram = CharacterTrigram.train([text], len(CHARACTERS) + 1, len(SYLLABLES))
    channel = trigram.channel(simulated_confusions(SYLLABLES), 0.2)

    assert trigram.write(np.array([1, 2, 3, 1]), channel, candidates=5).tolist() == [7, 5, 3, 4]
    assert trigram_error_rate(trigram, [(np.array([3, 2]), np.array([3, 6]))], channel) == 0.0
