from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.search.beam import MANY, BeamOptions, beam_search
from streamer.asr.search.beam_lanes import beam_searches
from streamer.asr.search.lattice import Lattice, PrefixHypothesis
from streamer.asr.search.lattice_paths import LatticePaths
from streamer.asr.search.scorers import WeightedScorer
from tests.asr.brute_force import AlternationScorer

PRIOR = np.array([0.5, -0.25, 0.0, 0.125, 0.0], np.float32)
"""Four tokens and the blank."""


def utterances(seed: int, lengths: list[int], sharpness: float) -> list[npt.NDArray[np.float32]]:
    """Random log-probabilities, (steps, 5) each, with pauses; the sharper, the fewer tokens are worth it."""
    random = np.random.default_rng(seed)
    weights = [sharpness / 4] * 4 + [sharpness]
    drawn = [random.dirichlet(weights, steps) for steps in lengths]
    for steps in drawn:
        steps[random.random(len(steps)) < 0.25] = [0.005, 0.005, 0.005, 0.005, 0.98]
    return [np.log(steps + 1e-9).astype(np.float32) for steps in drawn]


def ways(lattice: Lattice) -> list[PrefixHypothesis]:
    """All sequences of a lattice."""
    return LatticePaths(lattice, margin=1000.0, reach=20).best(10_000)


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    lengths=st.lists(st.integers(0, 12), min_size=1, max_size=5),
    sharpness=st.sampled_from([0.05, 0.3, 2.0]),
    beam=st.integers(1, 12) | st.integers(MANY, 4 * MANY),
    margin=st.sampled_from([2.0, 8.0, float("inf")]),
    merge=st.booleans(),
    bonuses=st.none() | st.lists(st.sampled_from([0.0, 0.5, 2.5]), min_size=5, max_size=5),
)
def test_several_utterances_give_what_each_gives(
    seed: int, lengths: list[int], sharpness: float, beam: int, margin: float, merge: bool, bonuses: list[float] | None
) -> None:
    rows = utterances(seed, lengths, sharpness)
    options = BeamOptions(beam, tokens_per_step=3, blank_skip=0.95, margin=margin, length_bonus=0.5, merge=merge)
    scorers = [WeightedScorer(AlternationScorer(), 0.7)]

    found = beam_searches(rows, 4, options, scorers, PRIOR, bonuses and bonuses[: len(rows)])

    assert [ways(each) for each in found] == [
        ways(beam_search(each, 4, replace(options, length_bonus=bonus), scorers, PRIOR))
        for each, bonus in zip(rows, bonuses or [0.5] * 5, strict=False)
    ]


def test_utterances_that_pause_together_keep_what_each_said() -> None:
    # More prefixes than are looked at for the same future, of both, that end in the same four tokens.
    rows = utterances(0, [7, 7], sharpness=8.0)
    for each in rows:
        each[4] = np.log(np.array([0.005, 0.005, 0.005, 0.005, 0.98], np.float32))
    options = BeamOptions(4 * MANY, blank_skip=0.95, merge=True)

    found = beam_searches(rows, 4, options)

    assert [ways(each) for each in found] == [ways(beam_search(each, 4, options)) for each in rows]


def test_no_utterances_give_nothing() -> None:
    assert beam_searches([], 4, BeamOptions()) == []


@pytest.mark.parametrize("count", [1, 2])
def test_an_utterance_of_nothing_but_blanks_holds_nothing(count: int) -> None:
    silence = np.log(np.array([[1e-4, 1e-4, 1e-4, 1e-4, 0.9996]] * 3, np.float32))

    found = beam_searches([silence] * count, 4, BeamOptions())

    assert [[each.ids for each in one.best(10)] for one in found] == [[()]] * count
