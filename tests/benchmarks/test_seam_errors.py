from __future__ import annotations

import numpy as np
import pytest

from benchmarks.seam_errors import PLACES, ErrorSplit, Reference, place_of, wrong
from streamer.types import SAMPLE_RATE, Token

SAID = Reference(tuple("我们开会了"), ("wo3", "men2", "kai1", "hui4", "le5"), (1, 2, 3, 4, 5), tuple("aabbb"))


def tokens(text: str, syllables: str) -> list[Token]:
    return [Token(character, syllable, 0, 1) for character, syllable in zip(text, syllables.split(), strict=True)]


def test_errors_lie_where_the_reference_has_them() -> None:
    found = wrong(SAID, tokens("我门开为", "wo3 men2 kai1 wei4"))

    assert found.characters.tolist() == [0, 1, 0, 1, 1]
    assert found.syllables.tolist() == [0, 0, 0, 1, 1]
    assert found.written.tolist() == [0, 1, 0, 0, 0]


def test_what_is_added_counts_at_the_next_place_and_at_the_end_at_the_last() -> None:
    found = wrong(SAID, tokens("我们都开会了吧", "wo3 men2 dou1 kai1 hui4 le5 ba5"))

    assert found.characters.tolist() == [0, 0, 1, 0, 1]


def test_a_reading_without_tokens_misses_everything() -> None:
    assert wrong(SAID, []).characters.tolist() == [1, 1, 1, 1, 1]


@pytest.mark.parametrize(("seconds", "place"), [(9.1, 0), (10.9, 0), (11.1, 2), (20.5, 1), (20.7, 2)])
def test_a_seam_goes_before_a_joint(seconds: float, place: int) -> None:
    assert place_of(round(seconds * SAMPLE_RATE), [10 * SAMPLE_RATE], [10 * SAMPLE_RATE, 20 * SAMPLE_RATE]) == place


def test_errors_are_split_by_place_and_their_difference_is_known_by_recording() -> None:
    split = ErrorSplit()
    times = (0, SAMPLE_RATE // 2, 3 * SAMPLE_RATE, 5 * SAMPLE_RATE, 9 * SAMPLE_RATE)
    said = Reference(SAID.characters, SAID.syllables, times, SAID.recordings)
    true = tokens("我们开会呢", "wo3 men2 kai1 hui4 ne5")

    split.add(said, tokens("我门为会了", "wo3 men2 wei4 hui4 le5"), true, [0], [3 * SAMPLE_RATE])

    assert [row["place"] for row in split.rows()] == list(PLACES)
    assert split.reference.tolist() == [2, 1, 2]
    np.testing.assert_array_equal(split.live, [[1, 1, 0], [0, 1, 0], [1, 0, 0]])
    np.testing.assert_array_equal(split.bordered, [[0, 0, 1], [0, 0, 1], [0, 0, 0]])
    assert split.difference().value == pytest.approx(1 / 5)
    assert (split.difference().low, split.difference().high) == pytest.approx((0.0, 0.5))
