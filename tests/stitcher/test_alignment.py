from __future__ import annotations

from dataclasses import replace

import pytest

from streamer.stitcher.alignment import Column, align, difference
from streamer.types import Token
from tests.stitcher.readings import SHARED, read


def untimed(row: list[Token]) -> list[Token]:
    return [replace(token, score=None) for token in row]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        ("ma1", "ma1", 0.0),
        ("ma1", "ma3", 0.25),
        ("hao3", "gao1", 0.6),  # the rhyme
        ("ta1", "hua4", 0.6),  # that of one letter, behind a glide
        ("fang1", "deng3", 1.0),  # no rhyme, though the ends are spelled alike
        ("shu1", "shi2", 0.6),  # the onset
        ("ma1", "wo3", 1.0),
        ("", "ma1", 1.0),
        ("ma1", "", 1.0),
        ("A", "B", 1.0),
    ],
)
def test_syllables_differ_by_what_they_share(left: str, right: str, expected: float) -> None:
    (one,), (other,) = ([Token("字", syllable, 0, 0)] for syllable in (left, right))

    assert difference(one, other) == expected


def test_tokens_that_only_one_reading_could_hear_stand_alone_for_nothing() -> None:
    left, right = read("九 jiu3 850", "八 ba1 1050"), read("十 shi2 2080", "月 yue4 2230")

    assert align(left, right, SHARED) == (Column(0, None), Column(1, None), Column(None, 0), Column(None, 1))
    # A pair would have cost less than two gaps, had the right one's been a gap.
    assert align(read("八 ba1 2100"), read("把 ba3 2230"), SHARED) == (Column(0, None), Column(None, 0))


def test_tokens_with_times_of_their_own_are_partners_only_where_they_are_near() -> None:
    left, right = read("八 ba1 1300"), read("八 ba1 2000")

    assert align(left, right, SHARED) == (Column(0, None), Column(None, 0))


@pytest.mark.parametrize("bare", ["both", "left", "right"])
def test_tokens_without_times_of_their_own_may_be_far_from_their_partners(bare: str) -> None:
    left, right = read("八 ba1 1300"), read("八 ba1 2000")

    rows = (untimed(left) if bare != "right" else left, untimed(right) if bare != "left" else right)

    assert align(*rows, SHARED) == (Column(0, 0),)
