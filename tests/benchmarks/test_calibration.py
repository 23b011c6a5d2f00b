from __future__ import annotations

import math

import numpy as np
import pytest

from benchmarks.calibration import expected_error, right_characters


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
