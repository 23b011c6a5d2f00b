"""Texts as ids, cut to spans, made noisy, put into batches."""

from __future__ import annotations

import numpy as np

from streamer.training.confusions import simulated_confusions
from streamer.training.language_settings import NoiseSettings
from streamer.training.language_spans import (
    IGNORED,
    LONGEST_SPAN,
    EncodedText,
    NoiseMaker,
    WordSampler,
    cut_spans,
    make_batches,
    pad,
    with_context,
)
from streamer.training.text_corpus import Passage
from tests.training.language_samples import SYLLABLES, readings, tables

SENTENCE = Passage("银行是市", ("yin2", "hang2", "shi4", "shi4"), ("", "，", "", "。"))


def noise(*, deletion: float = 0.0, insertion: float = 0.0) -> NoiseMaker:
    rates = NoiseSettings(clean_share=0.0, most=0.0, other_reading=0.0, deletion=deletion, insertion=insertion)
    return NoiseMaker(rates, simulated_confusions(SYLLABLES), readings())


def test_passages_become_ids() -> None:
    text = EncodedText.of([SENTENCE, SENTENCE], tables())

    assert text.passage(1)[0].tolist() == [3, 0, 2, 2]
    assert text.passage(1)[1].tolist() == [3, 4, 5, 6]
    assert (text.marks.tolist()[:4], len(text)) == ([0, 1, 0, 2], 2)


def test_a_character_outside_the_tables_cuts_its_passage() -> None:
    passage = Passage("银罕行", ("yin2", "han3", "hang2"), ("", "", ""))

    assert EncodedText.of([passage], tables()).starts.tolist() == [0, 1, 2]


def test_spans_cover_every_passage_once() -> None:
    long = Passage("银" * 900, ("yin2",) * 900, ("",) * 899 + ("。",))
    text = EncodedText.of([SENTENCE, long, SENTENCE], tables())
    spans = cut_spans(text, np.random.default_rng(5))

    assert [index for span in spans for index in range(*span)] == list(range(908))
    assert max(end - start for start, end in spans) <= LONGEST_SPAN
    assert {0, 4, 904} <= {start for start, _ in spans}


def test_spans_with_context_begin_in_the_passages_before_and_end_where_they_did() -> None:
    spans = [(0, 4), (4, 40), (40, 130), (130, 140)]
    longer = with_context(spans, 1.0, np.random.default_rng(4))

    assert [end for _, end in longer] == [4, 40, 130, 140]
    assert longer[0] == (0, 4)
    assert longer[1][0] < 4
    assert 30 <= longer[2][0] < 40
    assert 70 <= longer[3][0] < 130
    assert max(end - start for start, end in longer) <= LONGEST_SPAN


def test_without_a_share_of_context_spans_stay_as_they_are() -> None:
    assert with_context([(0, 4), (4, 40)], 0.0, np.random.default_rng(4)) == [(0, 4), (4, 40)]


def test_without_noise_nothing_changes() -> None:
    ids = np.array([3, 0]), np.array([3, 4])
    heard = noise().apply(*ids, np.random.default_rng(1))

    assert [part.tolist() for part in heard] == [[3, 0], [3, 4]]


def test_a_deleted_syllable_takes_its_character_with_it() -> None:
    syllables, characters = np.arange(400) % 5, np.arange(400) % 6 + 3
    heard, written = noise(deletion=0.5).apply(syllables, characters, np.random.default_rng(2))

    assert 150 < len(heard) == len(written) < 250


def test_an_inserted_syllable_is_not_scored() -> None:
    syllables, characters = np.zeros(300, np.int64), np.full(300, 4)
    heard, written = noise(insertion=0.2).apply(syllables, characters, np.random.default_rng(3))

    assert len(heard) == len(written) > 330
    assert (written == IGNORED).sum() == len(written) - 300


def test_padding_is_no_syllable_and_not_scored() -> None:
    batch = pad([(np.array([1]), np.array([3])), (np.array([1, 2]), np.array([3, 4]))])

    assert batch.syllables.tolist() == [[1, -1], [1, 2]]
    assert batch.characters.tolist() == [[3, IGNORED], [3, 4]]


def test_batches_hold_every_span_in_few_shapes() -> None:
    random = np.random.default_rng(4)
    spans = [(np.full(size, index), np.full(size, 3)) for index, size in enumerate(random.integers(1, 40, 200))]
    batches = list(make_batches(spans, 160, random))
    firsts = [int(row[0]) for batch in batches for row in batch.syllables]

    assert sorted(index for index in firsts if index >= 0) == list(range(200))
    assert {batch.syllables.shape for batch in batches} == {(20, 8), (10, 16), (6, 24), (5, 32), (4, 40)}


def test_words_are_drawn_with_their_chances() -> None:
    words = [Passage("银行", ("yin2", "hang2"), ("", "")), Passage("妈", ("ma1",), ("",))]
    sampler = WordSampler(EncodedText.of(words, tables()), np.array([0.0, 1.0]))

    assert set(sampler.draw(np.random.default_rng(6))[1].tolist()) == {7}
