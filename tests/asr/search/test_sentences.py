from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from streamer.asr.search.sentences import SentenceModel
from streamer.errors import PackError, RecognizerError
from streamer.interfaces import TensorSpec


class Summing:
    """A model that scores a syllable by its id and the length of what is before it."""

    def __init__(self, output: str = "scores") -> None:
        self.inputs = (
            TensorSpec("windows", np.dtype(np.int64), (None, 2)),
            TensorSpec("depths", np.dtype(np.int64), (None,)),
            TensorSpec("ancestors", np.dtype(np.bool_), (None, None)),
            TensorSpec("parents", np.dtype(np.int64), (None,)),
            TensorSpec("syllables", np.dtype(np.int64), (None,)),
        )
        self.outputs = (TensorSpec(output, np.dtype(np.float32), (None,)),)
        self.given: list[list[int]] = []
        self.is_closed = False

    def run(self, feeds: Mapping[str, Any]) -> dict[str, Any]:
        self.given.append(feeds["syllables"].tolist())
        return {"scores": (feeds["syllables"] + 10 * feeds["depths"][feeds["parents"]]).astype(np.float32)}

    def close(self) -> None:
        self.is_closed = True


def test_every_syllable_is_judged_after_those_before_it() -> None:
    runner = Summing()

    # 1 2 3 and 4.
    edges = {(-1, 1): 0, (0, 2): 1, (1, 3): 2, (-1, 4): 3}

    assert SentenceModel(runner, first_id=0).scores_of_all([edges]) == [[1.0, 12.0, 23.0, 4.0]]
    assert runner.given == [[1, 2, 3, 4]]


def test_the_model_counts_from_zero_whatever_the_table_does() -> None:
    assert SentenceModel(Summing(), first_id=1).scores_of_all([{(-1, 1): 0, (0, 3): 1}]) == [[0.0, 12.0]]


def test_nothing_said_is_not_judged() -> None:
    runner = Summing()

    assert SentenceModel(runner, first_id=0).scores_of_all([{}]) == [[]]
    assert runner.given == []


def test_scores_that_are_no_numbers_are_an_error() -> None:
    class Broken(Summing):
        def run(self, feeds: Mapping[str, Any]) -> dict[str, Any]:
            return {"scores": np.array([-1.0, np.nan], np.float32)}

    with pytest.raises(RecognizerError, match=r"^the sentence model gave scores that are no numbers, expected"):
        SentenceModel(Broken(), first_id=0).scores_of_all([{(-1, 1): 0, (0, 2): 1}])


def test_another_model_is_refused_and_closed() -> None:
    runner = Summing(output="log_probs")

    with pytest.raises(PackError, match=r"outputs \['log_probs'\], expected .*'windows'\] and scores"):
        SentenceModel(runner, first_id=0)
    assert runner.is_closed


def test_leaving_closes_the_model() -> None:
    runner = Summing()
    with SentenceModel(runner, first_id=0):
        pass

    assert runner.is_closed


def test_several_utterances_are_judged_each_by_itself() -> None:
    model = SentenceModel(Summing(), first_id=0)

    found = model.scores_of_all([{(-1, 1): 0, (0, 2): 1}, {}, {(-1, 3): 0}])

    assert found == [[1.0, 12.0], [], [3.0]]


def test_what_a_window_holds_is_how_far_the_model_reaches() -> None:
    assert SentenceModel(Summing(), first_id=0).reach == 2
