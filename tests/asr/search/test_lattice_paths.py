from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streamer.asr.search.lattice import Arcs, Lattice, PrefixHypothesis
from streamer.asr.search.lattice_paths import LatticePaths

Arc = tuple[int, int, float]


def lattice(nodes: list[list[Arc]], *ends: tuple[int, float]) -> Lattice:
    """Nodes with their arcs (source, token, how far behind); node 0 is the empty prefix and has none."""
    arcs = [arc for node in nodes for arc in node]
    starts = [sum(len(each) for each in nodes[:count]) for count in range(len(nodes) + 1)]
    return Lattice(Arcs(starts, *([list(each) for each in zip(*arcs, strict=True)] if arcs else [[], [], []])), ends)


FORK = lattice([[], [(0, 1, 0.0)], [(0, 2, 0.0)], [(1, 3, 0.0), (2, 3, -1.0)], [(3, 4, 0.0)]], (4, -5.0))
"""1 3 4, and 2 3 4, which is 1 behind and was taken for the same from 3 on."""


def test_what_was_taken_for_one_is_told_apart_again() -> None:
    assert LatticePaths(FORK, 4.0, 1).best(9) == [PrefixHypothesis((1, 3, 4), -5.0), PrefixHypothesis((2, 3, 4), -6.0)]


def test_what_is_far_behind_is_left_out() -> None:
    assert LatticePaths(FORK, 0.5, 1).best(9) == [PrefixHypothesis((1, 3, 4), -5.0)]


def test_what_is_far_behind_only_altogether_is_not_judged() -> None:
    # 2 is 0.3 behind 1, and 4 is 0.3 behind 3.
    nodes: list[list[Arc]] = [[], [(0, 1, 0.0), (0, 2, -0.3)], [(1, 3, 0.0), (1, 4, -0.3)]]

    paths = LatticePaths(lattice(nodes, (2, -5.0)), 0.5, 2)

    assert paths.edges == {(-1, 1): 0, (-1, 2): 1, (0, 3): 2, (1, 3): 3, (0, 4): 4}


def test_what_is_far_behind_once_all_is_judged_is_left_out() -> None:
    assert LatticePaths(FORK, 4.0, 2).best(9, 0.5, [0.0] * 6) == [PrefixHypothesis((1, 3, 4), -5.0)]
    assert LatticePaths(FORK, 4.0, 2).best(9, 0.5, [-9.0, *[0.0] * 5], 1.0) == [PrefixHypothesis((2, 3, 4), -6.0)]


def test_no_more_than_are_asked_for() -> None:
    assert LatticePaths(FORK, 4.0, 1).best(1) == [PrefixHypothesis((1, 3, 4), -5.0)]


def test_a_judge_is_asked_once_for_what_sequences_share() -> None:
    # Told apart by two tokens: 4 follows 1 3 and 2 3.
    assert LatticePaths(FORK, 4.0, 2).edges == {(-1, 1): 0, (-1, 2): 1, (0, 3): 2, (1, 3): 3, (2, 4): 4, (3, 4): 5}
    # By one: it follows 3, for the judge the 3 after 1, which is the better one.
    assert LatticePaths(FORK, 4.0, 1).edges == {(-1, 1): 0, (-1, 2): 1, (0, 3): 2, (1, 3): 3, (2, 4): 4}


def test_a_judge_is_asked_after_the_best_of_those_that_end_alike_whichever_comes_first() -> None:
    # 9, which is 2 behind, and 5 9, which is 0.5 behind; then 3.
    nodes: list[list[Arc]] = [
        [], [(0, 1, 0.0), (0, 9, -2.0)], [(0, 5, 0.0)], [(2, 9, 0.0)], [(1, -1, 0.0), (3, -1, -0.5)], [(4, 3, 0.0)],
    ]  # fmt: skip

    edges = LatticePaths(lattice(nodes, (5, 0.0)), 4.0, 1).edges

    assert edges == {(-1, 1): 0, (-1, 9): 1, (-1, 5): 2, (2, 9): 3, (0, 3): 4, (3, 3): 5}


def test_judgements_are_weighed_and_every_token_counts() -> None:
    paths = LatticePaths(FORK, 4.0, 2)

    best = paths.best(2, 9.0, [-8.0, -2.0, -1.0, -1.0, -1.0, -1.0], weight=0.5, bonus=1.0)

    assert best == [PrefixHypothesis((2, 3, 4), -6.0 + 3 - 2), PrefixHypothesis((1, 3, 4), -5.0 + 3 - 5)]


def test_nothing_said_is_one_sequence() -> None:
    paths = LatticePaths(lattice([[]], (0, -1.0)), 4.0, 4)

    assert (paths.edges, paths.best(3)) == ({}, [PrefixHypothesis((), -1.0)])


def test_a_sequence_that_arrives_twice_is_there_once() -> None:
    twice = lattice([[], [(0, 1, 0.0)], [(1, -1, 0.0), (0, 1, -2.0)]], (2, -3.0), (1, -4.0))

    assert LatticePaths(twice, 9.0, 2).best(9) == [PrefixHypothesis((1,), -3.0)]


def test_where_all_is_unclear_less_is_judged() -> None:
    # Forty tokens, each of ten: ten thousand endings of four at every place.
    nodes: list[list[Arc]] = [[]]
    for _ in range(40):
        before = len(nodes) - 1
        nodes.append([(before, token, -0.1 * token) for token in range(10)])

    paths = LatticePaths(lattice(nodes, (40, 0.0)), 4.0, 4, most=100)

    assert 40 <= len(paths.edges) <= 100
    assert paths.best(1) == [PrefixHypothesis((0,) * 40, 0.0)]


def test_where_all_is_equally_good_the_best_one_is_judged() -> None:
    nodes: list[list[Arc]] = [[], *([(before, token, 0.0) for token in range(10)] for before in range(12))]

    paths = LatticePaths(lattice(nodes, (12, -1.0)), 4.0, 4, most=100)

    assert len(paths.edges) == 12
    assert paths.best(9) == [PrefixHypothesis((0,) * 12, -1.0)]


def test_a_sequence_longer_than_what_is_to_be_judged_is_judged() -> None:
    nodes: list[list[Arc]] = [[], *([(before, 7, 0.0)] for before in range(12))]

    paths = LatticePaths(lattice(nodes, (12, -1.0)), 4.0, 4, most=10)

    assert paths.best(9, scores=[0.5] * 12, weight=1.0) == [PrefixHypothesis((7,) * 12, 5.0)]


@settings(max_examples=150, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    count=st.integers(1, 9),
    reach=st.integers(1, 4),
    most=st.integers(1, 30),
    margin=st.sampled_from([0.2, 0.7, 1000.0]),
)
def test_the_best_of_all_ways_are_found(seed: int, count: int, reach: int, most: int, margin: float) -> None:
    drawn = np.random.default_rng(seed)
    nodes: list[list[Arc]] = [[]]
    for node in range(1, count + 1):
        sources = drawn.permutation(node)[: drawn.integers(1, 4)].tolist()
        behind = [0.0, *(-drawn.random() for _ in sources[1:])]
        nodes.append([(each, int(drawn.integers(-1, 3)), far) for each, far in zip(sources, behind, strict=True)])
    ends = sorted(((node, -drawn.random()) for node in range(max(0, count - 2), count + 1)), key=lambda each: -each[1])

    found = LatticePaths(lattice(nodes, *ends), margin, reach).best(most, margin)

    def ways(node: int) -> list[tuple[tuple[int, ...], float]]:
        if not nodes[node]:
            return [((), 0.0)]
        return [
            ((*ids, token) if token >= 0 else ids, score + behind)
            for source, token, behind in nodes[node]
            for ids, score in ways(source)
        ]

    every = sorted((ids, score + at_end) for node, at_end in ends for ids, score in ways(node))
    best = {ids: max(score for _, score in group) for ids, group in groupby(every, key=lambda each: each[0])}
    near = sorted((score for score in best.values() if score >= ends[0][1] - margin), reverse=True)
    assert [each.score for each in found] == pytest.approx(near[:most])
    assert {each.ids: each.score for each in found} == pytest.approx({each.ids: best[each.ids] for each in found})
