"""When an utterance that still grows may be shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.settings.gate import GateSettings
from streamer.types import Hypothesis, Token
from streamer.vad.early import EarlyEvidence
from streamer.vad.sound import SoundStatistics

SPEECH = SoundStatistics(level_dbfs=-30, level_range_db=25, voiced_run=12, pitch_steps=20, steady_share=0.1)
CLEAR_DB = 16.5
"""Range from which one hypothesis is enough; above the one from which two are."""
START = 160_000
"""Position of the utterance: the meeting runs for ten seconds."""


def heard(text: str, seconds: float, *, score: float | None = -0.5, start: int = START, number: int = 1) -> Hypothesis:
    """Syllables of 200 ms from 300 ms on, in an utterance of that length."""
    first = start + 4800
    tokens = tuple(
        Token(char, "x1", first + 3200 * at, first + 3200 * at + 1600, score) for at, char in enumerate(text)
    )
    return Hypothesis(number, 0, start, start + round(seconds * 16_000), tokens)


def convinced(*hypotheses: Hypothesis, sound: SoundStatistics = SPEECH, **settings: int) -> list[bool]:
    evidence = EarlyEvidence(GateSettings(early_range_db=CLEAR_DB, **settings))
    return [evidence.is_convincing(hypothesis, sound) for hypothesis in hypotheses]


def test_the_second_syllable_convinces() -> None:
    assert convinced(heard("今", 0.6), heard("今天", 0.8)) == [False, True]


def test_without_the_rule_the_first_one_does() -> None:
    assert convinced(heard("今", 3.0), sound=replace(SPEECH, steady_share=0.9), early_syllables=0) == [True]


@pytest.mark.parametrize(
    "sound",
    [replace(SPEECH, steady_share=0.21), replace(SPEECH, level_range_db=16.4)],
    ids=["a held tone", "a murmur"],
)
def test_what_is_no_clear_speech_does_not_convince_at_once(sound: SoundStatistics) -> None:
    assert convinced(heard("今天", 0.8), sound=sound) == [False]


def test_few_steps_of_pitch_may_be_held() -> None:
    assert convinced(heard("今天", 0.8), sound=replace(SPEECH, pitch_steps=11, steady_share=0.9)) == [True]


def test_syllables_must_come_quickly() -> None:
    assert convinced(heard("今天", 1.2)) == [False]
    # 2.4 a second, also where nothing else is asked of how late they come.
    assert [convinced(heard("今天", seconds), early_ms=10_000) for seconds in (1.1, 1.2)] == [[True], [False]]


def test_what_comes_late_must_be_heard_twice() -> None:
    late = [heard("八", 0.6), heard("八的我", 1.0), heard("八的我们", 1.1)]

    assert convinced(*late) == [False, False, True]
    assert convinced(late[0], late[1], heard("发的我们", 1.1)) == [False, False, False]


def test_what_has_lost_its_beginning_has_not_begun_just_now() -> None:
    without = replace(heard("", 1.0), tokens=heard("天气", 1.0, start=START + 6400).tokens)

    assert convinced(heard("今", 0.6), without) == [False, False]
    assert convinced(without) == [True]


@pytest.mark.parametrize(
    ("range_db", "score", "expected"), [(16.0, -1.5, True), (15.9, -0.1, False), (16.0, -1.6, False)]
)
def test_a_murmur_that_is_heard_twice_must_be_likely(range_db: float, score: float, expected: bool) -> None:
    sound = replace(SPEECH, level_range_db=range_db)
    twice = [heard("今天", 0.7, score=score), heard("今天", 0.8, score=score)]

    assert convinced(*twice, sound=sound) == [False, expected]


def test_packs_without_scores_are_heard_twice_too() -> None:
    sound = replace(SPEECH, level_range_db=16.2)

    assert convinced(heard("今天", 0.7, score=None), heard("今天", 0.8, score=None), sound=sound) == [False, True]


@pytest.mark.parametrize(("score", "expected"), [(-0.45, True), (-0.8, False)])
def test_what_begins_with_the_meeting_is_heard_twice_and_more_likely(score: float, expected: bool) -> None:
    early = [heard("今天", seconds, start=15_999, score=score) for seconds in (0.7, 0.8)]

    assert convinced(*early) == [False, expected]
    assert convinced(heard("今天", 0.7, start=16_000, score=score)) == [True]


def test_a_first_syllable_that_was_none_is_forgotten() -> None:
    cough = replace(heard("啊", 0.4), tokens=heard("啊", 0.4).tokens[:0])

    assert convinced(heard("啊", 0.4), cough, heard("今天", 0.8)) == [False, True, True]


def test_another_utterance_begins_anew() -> None:
    sound = replace(SPEECH, level_range_db=16.2)

    assert convinced(heard("今天", 0.7), heard("今天", 0.8, number=2), sound=sound) == [False, False]


def test_nothing_needs_no_evidence() -> None:
    assert convinced(heard("", 0.8)) == [True]
