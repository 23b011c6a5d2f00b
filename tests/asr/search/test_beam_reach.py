from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from streamer.asr.search.beam_reach import Reached
from streamer.asr.search.beam_steps import Step

LANES = np.repeat([0, 1], 40)
"""Two utterances of 40 prefixes."""
TOKENS = np.stack([np.arange(10, 30), np.arange(20, 40)])
"""Twenty tokens of each, a step apart in probability."""


class CountingScorer:
    """Counts what it is asked; the state after a token is that token."""

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def start(self) -> int:
        return 0

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        self.asked += zip(states.tolist(), token_ids.tolist(), strict=True)
        return token_ids, states * 1000.0 + token_ids

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        return np.zeros(len(states))


def reached(least: float, prefixes: int = 80) -> Reached:
    """Of equally probable prefixes."""
    edges = list(range(0, prefixes + 1, 40))
    tokens = TOKENS[: len(edges) - 1]
    step = Step(0.0, tokens, -np.broadcast_to(np.arange(20.0), tokens.shape))
    return Reached(LANES[:prefixes], edges, step, np.zeros(prefixes), np.zeros(prefixes), np.full(prefixes, least))


@pytest.mark.parametrize("least", [-19.0, -9.0])
def test_prefixes_in_the_same_state_ask_a_scorer_once(least: float) -> None:
    states, scorer, found = np.arange(80) % 5, CountingScorer(), reached(least)

    after, scores, places = found.scored(states, scorer)

    before, tokens = found.of(np.arange(len(found.arriving)))
    assert after[places].tolist() == tokens.tolist()
    assert scores[places].tolist() == (states[before] * 1000.0 + tokens).tolist()
    assert len(scorer.asked) == 5 * 2 * (1 - least)


def test_tokens_that_fall_behind_are_not_there() -> None:
    found = reached(-2.0)

    assert found.counts.tolist() == [3] * 80
    assert found.arriving.tolist() == [0.0, -1.0, -2.0] * 80
    assert found.of(np.array([2, 3, 120]))[0].tolist() == [0, 1, 40]
    assert found.of(np.array([2, 3, 120]))[1].tolist() == [12, 10, 20]


def test_a_token_that_is_taken_leads_nowhere_else() -> None:
    found = reached(-2.0)

    assert found.take(np.array([1, 79]), np.array([2, 3])).tolist() == [-2.0, -np.inf]
    assert found.take(np.array([1]), np.array([2])).tolist() == [-np.inf]


def test_a_token_that_becomes_less_probable_may_fall_behind() -> None:
    found = reached(-2.0)

    found.replace(np.array([0, 0, 5]), np.array([0, 1, 3]), np.array([-2.0, -2.1, -2.0]))

    assert found.arriving[:4].tolist() == [-2.0, -np.inf, -2.0, 0.0]


@pytest.mark.parametrize("prefixes", [40, 80])
def test_the_first_of_equals_are_the_best(prefixes: int) -> None:
    found = reached(-1.0, prefixes)

    best = found.best(np.zeros(prefixes), found.arriving, beam=45, margin=5.0)

    first = [*range(40), *range(prefixes, prefixes + 10, 2)]
    second = [*range(40, 80), *range(prefixes + 80, prefixes + 90, 2)]
    assert best.tolist() == (first if prefixes == 40 else first + second)
