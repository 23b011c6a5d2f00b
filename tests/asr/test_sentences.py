from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from streamer.asr.sentences import SentenceModel
from streamer.errors import PackError
from streamer.interfaces import TensorSpec


class Summing:
    """A model that scores a sequence by the sum of its ids, padding left out."""

    def __init__(self, output: str = "scores") -> None:
        self.inputs = (TensorSpec("syllables", np.dtype(np.int32), (None, None)),)
        self.outputs = (TensorSpec(output, np.dtype(np.float32), (None,)),)
        self.given: list[list[list[int]]] = []
        self.is_closed = False

    def run(self, feeds: Mapping[str, Any]) -> dict[str, Any]:
        syllables = feeds["syllables"]
        self.given.append(syllables.tolist())
        return {"scores": np.where(syllables >= 0, syllables, 0).sum(axis=1).astype(np.float32)}

    def close(self) -> None:
        self.is_closed = True


def test_sequences_are_judged_together_and_padded_to_the_longest() -> None:
    runner = Summing()

    assert SentenceModel(runner, first_id=0).scores([(1, 2, 3), (4,), ()]) == [6.0, 4.0, 0.0]
    assert runner.given == [[[1, 2, 3], [4, -1, -1], [-1, -1, -1]]]


def test_the_model_counts_from_zero_whatever_the_table_does() -> None:
    assert SentenceModel(Summing(), first_id=1).scores([(1, 3)]) == [2.0]


def test_nothing_said_is_not_judged() -> None:
    runner = Summing()

    assert SentenceModel(runner, first_id=0).scores([(), ()]) == [0.0, 0.0]
    assert runner.given == []


def test_another_model_is_refused_and_closed() -> None:
    runner = Summing(output="log_probs")

    with pytest.raises(PackError, match=r"outputs \['log_probs'\], expected syllables and scores"):
        SentenceModel(runner, first_id=0)
    assert runner.is_closed


def test_leaving_closes_the_model() -> None:
    runner = Summing()
    with SentenceModel(runner, first_id=0):
        pass

    assert runner.is_closed
