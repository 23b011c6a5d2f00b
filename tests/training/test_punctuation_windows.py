"""The windows that the punctuation model sees in training."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest
import torch

from streamer.training.language_corpus import LanguageCorpus, load_language_corpus, prepare_language
from streamer.training.language_settings import LanguageSettings, read_language_settings
from streamer.training.language_spans import IGNORED, PADDING
from streamer.training.punctuation_settings import PunctuationLessons
from streamer.training.punctuation_windows import (
    PunctuationBatch,
    Windows,
    choose,
    corpus_chances,
    ended,
)
from streamer.training.spoken_form import MARKS
from tests.training.language_samples import tiny_project

pytest.importorskip("pypinyin")
pytest.importorskip("jieba")

_CORPORA = """
[[corpora]]
name = "dialogues"
path = "dialogues.txt"
layout = "lines"

[[corpora]]
name = "spontaneous"
path = "spontaneous.txt"
layout = "lines"
punctuated = false
taught = true

[model]
"""


def several(folder: Path) -> tuple[LanguageSettings, LanguageCorpus]:
    """Meetings, dialogues, and text without marks."""
    config, _ = tiny_project(folder)
    (folder / "dialogues.txt").write_text("银行是市，妈是市。\n", encoding="utf-8")
    (folder / "spontaneous.txt").write_text("妈是妈妈\n", encoding="utf-8")
    config.write_text(config.read_text(encoding="utf-8").replace("[model]", _CORPORA), encoding="utf-8")
    settings = read_language_settings(config)
    prepare_language(settings)
    return settings, load_language_corpus(settings)


def test_windows_carry_marks_of_their_text(tmp_path: Path) -> None:
    _, settings = tiny_project(tmp_path)
    batch = Windows(settings, prepare_language(settings)).draw(300, progress=0.0)
    scored = batch.marks != IGNORED

    assert batch.characters.shape == batch.marks.shape == batch.pauses.shape
    assert (batch.characters[scored] >= 0).all()
    assert set(batch.marks[scored].tolist()) <= set(range(len(MARKS)))
    assert batch.styles.tolist() == [0] * len(batch.styles)
    assert not batch.unmarked.any()


def test_corpora_are_drawn_in_the_shares_configured() -> None:
    meetings = np.array([True, False, True, False])
    chances = corpus_chances(np.array([30.0, 5.0, 10.0, 15.0]), meetings, share=0.6)
    drawn = choose(torch.from_numpy(chances), (torch.arange(100, dtype=torch.float64) + 0.5) / 100)

    np.testing.assert_allclose(chances, [0.45, 0.1, 0.15, 0.3], rtol=1e-12)
    assert drawn.bincount().tolist() == [45, 10, 15, 30]


def test_meetings_alone_need_no_share() -> None:
    assert corpus_chances(np.array([3.0, 1.0]), np.array([True, True]), share=0.0).tolist() == [0.75, 0.25]
    assert corpus_chances(np.array([1.0, 1.0]), np.array([False, False]), share=1.0).tolist() == [0.5, 0.5]


@pytest.mark.parametrize(("share", "styles"), [(1.0, {0}), (0.0, {1})])
def test_the_share_of_meetings_is_that_of_the_time(tmp_path: Path, share: float, styles: set[int]) -> None:
    settings, corpus = several(tmp_path)
    lessons = PunctuationLessons(meetings_first=1 - share, meetings_last=share, meetings_rise=0.5)
    settings = dataclasses.replace(settings, punctuation_lessons=lessons)

    assert set(Windows(settings, corpus).draw(9600, progress=1.0).styles.tolist()) == styles


def test_unmarked_text_is_drawn_for_who_asks_for_it(tmp_path: Path) -> None:
    settings, corpus = several(tmp_path)
    settings = dataclasses.replace(
        settings, punctuation_lessons=PunctuationLessons(meetings_first=0.0, unknown_share=0.0)
    )
    marked = Windows(settings, corpus).draw(9600, progress=0.0)
    batch = Windows(settings, corpus, unmarked=True).draw(9600, progress=0.0)

    assert not marked.unmarked.any()
    assert 0 < int(batch.unmarked.sum()) < len(batch.unmarked)
    assert (batch.marks[batch.unmarked] == IGNORED).all()
    assert (batch.pauses[batch.unmarked] == 0).all()
    assert (batch.pauses[~batch.unmarked] > 0).any()
    assert set(batch.styles[batch.unmarked].tolist()) == {0}
    known = set(corpus.training["spontaneous"].characters.tolist())
    assert set(batch.characters[batch.unmarked].flatten().tolist()) == known | {PADDING}


@pytest.mark.parametrize(("share", "unknown"), [(0.0, False), (1.0, True)])
def test_characters_are_unknown_as_often_as_configured(tmp_path: Path, share: float, unknown: bool) -> None:
    settings, corpus = several(tmp_path)
    settings = dataclasses.replace(settings, punctuation_lessons=PunctuationLessons(unknown_share=share))
    characters = Windows(settings, corpus).draw(2400, progress=0.0).characters

    assert set((characters[characters != PADDING] == 0).tolist()) == {unknown}


def test_some_windows_end_with_a_long_pause_as_utterances_do() -> None:
    pauses = torch.tensor([[0.0, 0.9, 0.0, 0.0, 0.0, 0.0, 0.7, 0.2, 0.6, 0.0]] * 4)
    marks = torch.tensor([[0, 2, 0, 0, 0, 0, 1, 0, 2, 0]] * 4)
    characters, nowhere = torch.arange(1, 11).repeat(4, 1), torch.zeros(4, 10, dtype=torch.bool)
    given = PunctuationBatch(characters, pauses, marks, torch.zeros(4), torch.zeros(4), nowhere)
    wanted, uniform = torch.tensor([True, True, True, False]), torch.tensor([0.0, 0.75, 0.95, 0.0])
    found = ended(given, wanted, uniform)

    # The first pause comes too early for an utterance, the third window has none after its ninth character.
    lengths = (found.characters != PADDING).sum(1)
    assert lengths.tolist() == [7, 9, 10, 10]
    assert found.ends.nonzero().tolist() == [[0, 6], [1, 8]]
    assert found.pauses[0].tolist() == pytest.approx([0.0, 0.9, 0, 0, 0, 0, 0.5, 0, 0, 0])
    assert found.marks[0].tolist() == [0, 2, 0, 0, 0, 0, 1, IGNORED, IGNORED, IGNORED]
    assert torch.equal(found.marks[2:], marks[2:])
    assert torch.equal(found.pauses[2:], pauses[2:])


def test_what_is_drawn_follows_from_the_step(tmp_path: Path) -> None:
    settings, corpus = several(tmp_path)
    first, again, other = (Windows(settings, corpus, step=step).draw(2400, progress=0.0) for step in (3, 3, 4))

    assert torch.equal(first.characters, again.characters)
    assert torch.equal(first.pauses, again.pauses)
    assert first.characters.shape != other.characters.shape or not torch.equal(first.characters, other.characters)
