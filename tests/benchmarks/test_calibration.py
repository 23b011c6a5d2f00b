from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.calibration import Doubts, doubts, expected_error, right_characters


@pytest.mark.parametrize(
    ("said", "written", "right"),
    [
        ("甲乙丙", ["甲", "丁", "丙"], [True, False, True]),
        ("甲乙丙", ["甲", "丙"], [True, True]),
        ("甲", ["丁", "甲"], [False, True]),
        ("甲", ["", "甲"], [False, True]),
        ("甲", [], []),
    ],
)
def test_right_characters(said: str, written: list[str], right: list[bool]) -> None:
    assert right_characters(list(said), written) == right


def test_true_confidences_have_no_error() -> None:
    assert expected_error(np.array([0.75] * 4), np.array([True, True, True, False])) == 0


def test_the_error_is_weighed_by_how_many_share_a_bin() -> None:
    found = expected_error(np.array([0.95, 0.95, 0.95, 0.05]), np.array([True, True, True, True]))

    assert found == pytest.approx(0.75 * 0.05 + 0.25 * 0.95)


def test_nothing_has_no_error() -> None:
    assert math.isnan(expected_error(np.empty(0), np.empty(0, bool)))


def test_doubts_are_characters_of_less_confidence() -> None:
    confidences = np.array([0.4, 0.49, 0.5, 0.9, 0.9, 0.9, 0.9, 0.9])
    is_right = np.array([False, True, False, True, True, True, False, False])

    assert doubts(confidences, is_right, 0.5) == Doubts(0.5, marked=0.25, wrong=0.5, found=0.25)


def test_without_doubts_nothing_is_known_of_them() -> None:
    found = doubts(np.array([0.9]), np.array([True]), 0.5)

    assert found.marked == 0
    assert math.isnan(found.wrong)
    assert math.isnan(found.found)
