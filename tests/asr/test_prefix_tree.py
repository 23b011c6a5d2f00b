from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.prefix_tree import prefix_trees

MANY = 1000


def test_what_sequences_begin_with_is_there_once() -> None:
    (tree,) = prefix_trees([(1, 2, 3), (1, 2, 4), (5,)], context=2, most=MANY)

    assert tree.syllables.tolist() == [1, 2, 3, 4, 5]
    assert tree.paths == ((0, 1, 2), (0, 1, 3), (4,))
    # Three prefixes are followed by something: nothing, 1, and 1 2.
    assert tree.depths.tolist() == [0, 1, 2]
    assert tree.windows.tolist() == [[-1, -1], [-1, 1], [1, 2]]
    assert tree.parents.tolist() == [0, 1, 2, 2, 0]
    assert tree.ancestors.tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_prefixes_of_different_sequences_do_not_see_each_other() -> None:
    (tree,) = prefix_trees([(1, 2), (3, 4)], context=1, most=MANY)

    assert tree.windows.tolist() == [[-1], [1], [3]]
    assert tree.ancestors.tolist() == [[True, False, False], [True, True, False], [True, False, True]]


def test_nothing_has_no_edges() -> None:
    (tree,) = prefix_trees([(), ()], context=3, most=MANY)

    assert tree.paths == ((), ())
    assert len(tree.syllables) == 0
    assert list(prefix_trees([], context=3, most=MANY)) == []


def test_there_are_several_trees_where_one_would_be_too_large() -> None:
    trees = list(prefix_trees([(1, 2), (1, 3), (4, 5, 6, 7), (4, 8)], context=1, most=3))

    assert [tree.paths for tree in trees] == [((0, 1), (0, 2)), ((0, 1, 2, 3),), ((0, 1),)]


@given(st.lists(st.lists(st.integers(0, 2), max_size=6).map(tuple), max_size=8), st.integers(1, 3), st.integers(1, 9))
def test_paths_spell_the_sequences(sequences: list[tuple[int, ...]], context: int, most: int) -> None:
    spelled: list[tuple[int, ...]] = []
    for tree in prefix_trees(sequences, context, most):
        for path in tree.paths:
            syllables = tuple(tree.syllables[list(path)].tolist())
            spelled.append(syllables)
            for place, edge in enumerate(path):
                prefix = tree.parents[edge]
                before = (*[-1] * context, *syllables[:place])[-context:]
                assert tuple(tree.windows[prefix].tolist()) == before
                assert tree.depths[prefix] == place == tree.ancestors[prefix].sum() - 1

    assert spelled == list(sequences)
