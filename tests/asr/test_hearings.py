from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from streamer.asr.hearings import doubtful_span, later, mean_hearing

BLANK = 3


def log_probs(*steps: Sequence[float]) -> npt.NDArray[np.float32]:
    return np.log(np.array(steps, np.float32))


def steps_of(*tokens: int, certain: float = 0.97) -> npt.NDArray[np.float32]:
    """A step for each token, in which it is nearly certain."""
    probabilities = np.full((len(tokens), BLANK + 1), (1 - certain) / BLANK)
    probabilities[np.arange(len(tokens)), tokens] = certain
    return np.log(probabilities).astype(np.float32)


def test_later_sound_begins_with_its_first_frame_held() -> None:
    features = np.array([[1, 2], [3, 4]], np.float32)

    assert later(features, 2).tolist() == [[1, 2], [1, 2], [1, 2], [3, 4]]


def test_the_longest_sound_loses_its_end() -> None:
    features = np.arange(1001, dtype=np.float32)[:, None]

    assert later(features, 3)[:, 0].tolist() == [0, 0, 0, *range(998)]


def test_what_one_hearing_doubts_the_other_decides() -> None:
    first = log_probs([0.49, 0.49, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97])
    second = log_probs([0.784, 0.196, 0.01, 0.01], [0.01, 0.01, 0.01, 0.97])

    found = np.exp(mean_hearing(first, second, BLANK))

    # √(.49·.784) : √(.49·.196) = 2 : 1
    assert found[0, 0] / found[0, 1] == pytest.approx(2)
    np.testing.assert_allclose(found[1], [0.01, 0.01, 0.01, 0.97], atol=1e-6)


@pytest.mark.parametrize("beside", [-2, -1, 1, 2])
def test_a_syllable_that_lies_beside_is_laid_on_the_first(beside: int) -> None:
    said = [BLANK] * 7
    said[3] = 0
    moved = [BLANK] * 7
    moved[3 + beside] = 0

    found = mean_hearing(steps_of(*said), steps_of(*moved), BLANK)

    assert found.argmax(axis=1).tolist() == said
    np.testing.assert_allclose(np.exp(found[3]), np.exp(steps_of(0)[0]), atol=1e-6)


def test_a_syllable_farther_away_is_another() -> None:
    first, second = steps_of(0, BLANK, BLANK, BLANK), steps_of(BLANK, BLANK, BLANK, 0)

    found = np.exp(mean_hearing(first, second, BLANK))

    np.testing.assert_allclose(found[0, [0, BLANK]], [0.46, 0.46], atol=0.01)


def test_a_syllable_that_one_doubts_meets_the_others_rather_than_a_blank() -> None:
    first = log_probs([0.01, 0.01, 0.01, 0.97], [0.2, 0.01, 0.01, 0.78])
    second = log_probs([0.9, 0.01, 0.01, 0.08], [0.01, 0.01, 0.01, 0.97])

    found = mean_hearing(first, second, BLANK)

    assert found.argmax(axis=1).tolist() == [BLANK, 0]


def test_a_sure_blank_is_not_doubted_by_the_other_hearing() -> None:
    first, second = steps_of(BLANK, certain=0.92), steps_of(1)

    np.testing.assert_array_equal(mean_hearing(first, second, BLANK), first)


def test_the_first_hearing_stands_alone_from_where_the_second_ends() -> None:
    first, second = steps_of(0, 1), steps_of(2, 2)

    found = mean_hearing(first, second, BLANK, until=1)

    np.testing.assert_allclose(np.exp(found[0, [0, 2]]), [0.46, 0.46], atol=0.01)
    np.testing.assert_array_equal(found[1], first[1])


def test_a_second_hearing_may_begin_later_than_the_first() -> None:
    first, second = steps_of(BLANK, BLANK, BLANK, BLANK, 0, 1), steps_of(0, 2, BLANK)
    padded = np.concatenate([steps_of(BLANK, BLANK, BLANK, BLANK), second])

    np.testing.assert_array_equal(mean_hearing(first, second, BLANK, begin=4), mean_hearing(first, padded, BLANK))


@pytest.mark.parametrize(
    ("blanks_before", "blanks_behind", "span"),
    [
        (0, 0, (0, 2)),
        (3, 2, (0, 7)),
        (9, 9, (2, 17)),
        (10, 4, (4, 16)),
    ],
)
def test_what_may_be_no_blank_is_heard_again_with_a_little_around_it(
    blanks_before: int, blanks_behind: int, span: tuple[int, int]
) -> None:
    heard = steps_of(*[BLANK] * blanks_before, 0, 1, *[BLANK] * blanks_behind)

    assert doubtful_span(heard, BLANK) == span


def test_sure_blanks_alone_are_not_heard_again() -> None:
    assert doubtful_span(steps_of(BLANK, BLANK, BLANK), BLANK) == (0, 0)


def test_the_mean_may_take_the_place_of_the_first_hearing() -> None:
    first, second = steps_of(BLANK, 0), steps_of(0, BLANK, 1)
    mean = mean_hearing(first, second, BLANK)

    found = mean_hearing(first, second, BLANK, in_place=True)

    assert found is first
    np.testing.assert_array_equal(first, mean)


def test_nothing_stays_nothing() -> None:
    nothing = np.empty((0, BLANK + 1), np.float32)

    assert mean_hearing(nothing, nothing, BLANK).shape == (0, BLANK + 1)


SCORES = st.integers(1, 12).flatmap(lambda steps: arrays(np.float64, (2, steps, BLANK + 1), elements=st.floats(-8, 0)))


def normalised(scores: npt.NDArray[np.float64]) -> npt.NDArray[np.float32]:
    return (scores - np.log(np.exp(scores).sum(axis=-1, keepdims=True))).astype(np.float32)


@given(SCORES)
def test_the_mean_is_a_distribution_at_every_step(scores: npt.NDArray[np.float64]) -> None:
    first, second = normalised(scores)

    found = mean_hearing(first, second, BLANK)

    np.testing.assert_allclose(np.exp(found.astype(np.float64)).sum(axis=1), 1, atol=1e-5)


@given(st.lists(st.integers(0, BLANK), min_size=1, max_size=12))
def test_hearing_the_same_twice_changes_nothing(tokens: list[int]) -> None:
    heard = steps_of(*tokens)

    np.testing.assert_allclose(mean_hearing(heard, heard, BLANK), heard, atol=1e-5)


@given(SCORES)
def test_the_hearings_themselves_stay_as_they_are(scores: npt.NDArray[np.float64]) -> None:
    first, second = normalised(scores)
    before = first.copy(), second.copy()

    mean_hearing(first, second, BLANK)

    assert (first == before[0]).all()
    assert (second == before[1]).all()
