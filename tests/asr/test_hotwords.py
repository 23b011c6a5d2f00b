from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.hotwords import HotwordScorer, SpelledHotword, damping, most_pending
from streamer.asr.search.beam import BeamOptions, beam_search
from streamer.asr.search.scorers import WeightedScorer


def word(text: str, weight: float = 1.0) -> SpelledHotword:
    """A hotword whose syllables are the letters of its text."""
    return SpelledHotword(text, tuple(ord(letter) for letter in text), weight)


def steps(scorer: HotwordScorer, text: str) -> tuple[list[float], float]:
    """What each letter adds, and what the end adds."""
    state, added = scorer.start(), []
    for letter in text:
        (state,), (score,) = scorer.extend(np.array([state]), np.array([ord(letter)]))
        added.append(score)
    return added, scorer.finish(np.array([state]))[0]


def total(scorer: HotwordScorer, text: str) -> float:
    added, end = steps(scorer, text)
    return sum(added) + end


def test_every_token_earns_at_once_but_the_first_with_the_second() -> None:
    assert steps(HotwordScorer([word("abc", 2.0)]), "xabcx") == ([0, 0, 4, 2, 0], 0)


def test_a_hotword_of_one_token_earns() -> None:
    assert steps(HotwordScorer([word("a", 2.0)]), "xax") == ([0, 2, 0], 0)


def test_what_an_unfinished_hotword_earned_is_taken_back() -> None:
    scorer = HotwordScorer([word("abc")])

    assert steps(scorer, "abx") == ([0, 2, -2], 0)
    assert steps(scorer, "ab") == ([0, 2], -2)


def test_an_unfinished_hotword_earns_so_much_at_most() -> None:
    scorer = HotwordScorer([word("abcd", 2.0)], most_pending=5.0)

    assert steps(scorer, "abcd") == ([0, 4, 1, 3], 0)
    assert steps(scorer, "abcx") == ([0, 4, 1, -5], 0)


@pytest.mark.parametrize(("margin", "bonus", "most"), [(10.0, 1.0, 5.0), (10.0, 0.5, 10.0), (8.0, 0.0, math.inf)])
def test_that_is_half_of_what_the_search_lets_sequences_be_behind(margin: float, bonus: float, most: float) -> None:
    assert most_pending(margin, bonus) == most


def test_a_heavy_hotword_that_fails_does_not_take_the_rest_of_the_utterance_along() -> None:
    rows = np.full((4, 6), 0.02, np.float32)
    rows[range(4), [0, 2, 3, 4]] = 0.9
    rows[:, 1] = 1e-6
    hotword = SpelledHotword("一二三", (0, 2, 1), 10.0)
    search = BeamOptions(margin=10.0)

    def found(most: float) -> tuple[int, ...]:
        scorer = WeightedScorer(HotwordScorer([hotword], most), 1.0)
        return beam_search(np.log(rows), 5, search, [scorer]).best(1)[0].ids

    assert found(most_pending(10.0, 1.0)) == (0, 2, 3, 4)
    assert found(math.inf) == (0, 2)


def test_a_failure_keeps_what_still_fits() -> None:
    assert steps(HotwordScorer([word("aab")]), "aaab") == ([0, 2, 0, 1], 0)


def test_a_hotword_inside_an_unfinished_one_stays_earned() -> None:
    assert total(HotwordScorer([word("abcd"), word("bc")]), "abcx") == 2


def test_a_longer_hotword_goes_on_from_a_shorter_one() -> None:
    scorer = HotwordScorer([word("ab"), word("abc")])

    assert total(scorer, "ab") == 2
    assert total(scorer, "abc") == 3


def test_each_word_has_its_weight() -> None:
    scorer = HotwordScorer([word("ab", 0.5), word("cd", 3.0)])

    assert (total(scorer, "ab"), total(scorer, "cd")) == (1.0, 6.0)


def test_no_hotwords_change_nothing() -> None:
    assert total(HotwordScorer([]), "abc") == 0


@settings(max_examples=200)
@given(
    words=st.lists(st.text("abc", min_size=1, max_size=4), max_size=5),
    text=st.text("abc", max_size=12),
    most=st.sampled_from([0.0, 1.5]),
)
def test_a_sequence_without_a_complete_hotword_earns_nothing(words: list[str], text: str, most: float) -> None:
    earned = total(HotwordScorer([word(each) for each in words]), text)

    assert (earned > 0) == any(each in text for each in words)
    assert earned >= 0
    assert total(HotwordScorer([word(each) for each in words], most), text) == pytest.approx(earned)


def found(scorer: HotwordScorer, text: str) -> list[tuple[int, str]]:
    return [(match.start, match.hotword.text) for match in scorer.matches([ord(letter) for letter in text])]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("xabcx", [(1, "abc")]),
        ("abab", [(0, "ab"), (2, "ab")]),
        ("bcd", [(0, "bcd")]),
        ("abcd", [(0, "abc")]),
        ("xyz", []),
    ],
)
def test_matches_do_not_overlap_and_prefer_length(text: str, expected: list[tuple[int, str]]) -> None:
    assert found(HotwordScorer([word("ab"), word("abc"), word("bcd"), word("bc")]), text) == expected


@settings(max_examples=200)
@given(words=st.sets(st.text("ab", min_size=1, max_size=3), max_size=4), text=st.text("ab", max_size=10))
def test_matches_are_where_the_hotwords_are(words: set[str], text: str) -> None:
    scorer = HotwordScorer([word(each) for each in sorted(words)])

    matches = scorer.matches([ord(letter) for letter in text])

    assert all(text[match.start : match.stop] == match.hotword.text for match in matches)
    assert bool(matches) == any(each in text for each in words)


@pytest.mark.parametrize(
    ("weight", "costs", "expected"),
    [
        (1.0, {}, "张伟"),
        (1.0, {"张伟": 2.0, "章玮": 1.0}, "章玮"),
        (1.5, {"章玮": 3.0}, "章玮"),
        (1.5, {"章玮": math.inf}, "张伟"),
    ],
)
def test_of_two_homophones_the_heavier_wins_then_the_less_strange_then_the_first(
    weight: float, costs: dict[str, float], expected: str
) -> None:
    scorer = HotwordScorer([SpelledHotword("张伟", (1, 2)), SpelledHotword("章玮", (1, 2), weight)])

    found = scorer.matches([1, 2], lambda match: costs.get(match.hotword.text, 0.0))

    assert [match.hotword.text for match in found] == [expected]


def test_a_shorter_hotword_is_found_inside_one_that_is_too_strange() -> None:
    scorer = HotwordScorer([word("ab"), word("abc")])

    found = scorer.matches([97, 98, 99], lambda match: math.inf if match.hotword.text == "abc" else 1.0)

    assert [match.hotword.text for match in found] == ["ab"]


def test_the_beam_finds_a_hotword_that_the_sound_leaves_second() -> None:
    rows = np.log(np.array([[0.55, 0.40, 0.03, 0.02], [0.02, 0.02, 0.02, 0.94], [0.02, 0.40, 0.55, 0.03]], np.float32))
    hotwords = [WeightedScorer(HotwordScorer([SpelledHotword("张伟", (1, 2))]), 1.0)]

    assert beam_search(rows, 3).best(1)[0].ids == (0, 2)
    assert beam_search(rows, 3, BeamOptions(), hotwords).best(1)[0].ids == (1, 2)


@pytest.mark.parametrize(("words", "factor"), [(0, 1.0), (200, 1.0), (1000, 0.69), (10_000, 0.41)])
def test_the_more_words_the_less_each_is_favoured(words: int, factor: float) -> None:
    assert damping(words) == pytest.approx(factor, abs=0.005)


def test_places_in_any_hotword_are_covered() -> None:
    scorer = HotwordScorer(
        [SpelledHotword("甲乙", (1, 2)), SpelledHotword("乙丙丁", (2, 3, 4)), SpelledHotword("戊", (5,))]
    )

    assert scorer.covered((0, 1, 2, 3, 0, 5, 2)) == {1, 2, 5}
    assert scorer.covered((1, 2, 3, 4)) == {0, 1, 2, 3}
    assert scorer.covered(()) == set()
