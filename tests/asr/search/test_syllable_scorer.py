from __future__ import annotations

import numpy as np
import pytest

from streamer.asr.search.beam import BeamOptions, beam_search
from streamer.asr.search.scorers import WeightedScorer
from streamer.asr.search.syllable_lm import SyllableLanguageModel
from streamer.asr.search.syllable_lookup import SyllableLookup
from streamer.asr.search.syllable_scorer import SyllableScorer


@pytest.fixture
def trigram() -> SyllableLanguageModel:
    """Two tokens; 0 then 1 from the start, 1 and 1 are known, all else is backed off."""
    start, base = 2, 3
    pairs = [(start, start), (start, 0), (0, 1)]
    return SyllableLanguageModel(
        size=2,
        unigrams=np.array([-1.0, -2.0], np.float32),
        start_backoffs=np.array([-0.1, -0.2, -0.3], np.float32),
        bigram_keys=np.array(sorted(one * base + other for one, other in pairs), np.int64),
        bigrams=np.array([-0.5, -0.6, -99.0], np.float32),
        bigram_backoffs=np.array([-0.01, -0.02, -0.03], np.float32),
        trigram_keys=np.array([1 * base + 1], np.int64),
        trigrams=np.array([-0.4], np.float32),
    )


def test_token_by_token_equals_the_whole_sequence(trigram: SyllableLanguageModel) -> None:
    scorer = SyllableScorer(SyllableLookup(trigram))
    total, state = 0.0, scorer.start()

    for token in (0, 1, 1, 0):
        (state,), (score,) = scorer.extend(np.array([state]), np.array([token]))
        total += score

    assert total + scorer.finish(np.array([state]))[0] == pytest.approx(trigram.sequence_score([0, 1, 1, 0]))


def test_several_prefixes_at_once(trigram: SyllableLanguageModel) -> None:
    scorer = SyllableScorer(SyllableLookup(trigram))

    _, scores = scorer.extend(np.full(2, scorer.start()), np.array([0, 1]))

    assert scores.tolist() == [pytest.approx(trigram.sequence_score([0])), pytest.approx(trigram.sequence_score([1]))]


def test_ids_that_do_not_count_from_zero(trigram: SyllableLanguageModel) -> None:
    scorer = SyllableScorer(SyllableLookup(trigram), first_id=1)

    found = scorer.extend(np.full(1, scorer.start()), np.array([1]))

    expected = SyllableScorer(SyllableLookup(trigram)).extend(np.full(1, scorer.start()), np.array([0]))
    assert [each.tolist() for each in found] == [each.tolist() for each in expected]


def test_the_search_follows_the_trigram_where_the_sound_does_not_decide(trigram: SyllableLanguageModel) -> None:
    log_probs = np.log(np.array([[0.49, 0.50, 0.01]], np.float32))
    fused = [WeightedScorer(SyllableScorer(SyllableLookup(trigram)), 1.0)]

    assert beam_search(log_probs, 2).best(1)[0].ids == (1,)
    assert beam_search(log_probs, 2, BeamOptions(length_bonus=3.0), fused).best(1)[0].ids == (0,)


def test_a_remembered_score_is_that_of_the_first_time(
    trigram: SyllableLanguageModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    # One place only: what shares it with something else is looked up anew.
    monkeypatch.setattr("streamer.asr.search.syllable_scorer._REMEMBERED", 1)
    scorer = SyllableScorer(SyllableLookup(trigram))
    states, tokens = np.full(4, scorer.start()), np.array([0, 1, 1, 0])
    first = [each.tolist() for each in scorer.extend(states, tokens)]

    again = [each.tolist() for each in scorer.extend(states[:3], tokens[:3])]
    alone = [scorer.extend(states[:1], np.array([token]))[1][0] for token in (0, 0, 1)]

    assert again == [each[:3] for each in first]
    assert alone == [first[1][0], first[1][0], first[1][1]]
    assert first[1] == [pytest.approx(trigram.sequence_score([token])) for token in (0, 1, 1, 0)]
