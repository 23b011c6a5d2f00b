from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from streamer.asr.search.prefix_tree import Edges, prefix_tree


def test_what_sequences_begin_with_is_there_once() -> None:
    # 1 2 3, 1 2 4 and 5.
    tree = prefix_tree({(-1, 1): 0, (0, 2): 1, (1, 3): 2, (1, 4): 3, (-1, 5): 4}, context=2)

    assert tree.syllables.tolist() == [1, 2, 3, 4, 5]
    # Three prefixes are followed by something: nothing, 1, and 1 2.
    assert tree.depths.tolist() == [0, 1, 2]
    assert tree.windows.tolist() == [[-1, -1], [-1, 1], [1, 2]]
    assert tree.parents.tolist() == [0, 1, 2, 2, 0]
    assert tree.ancestors.tolist() == [[True, False, False], [True, True, False], [True, True, True]]


def test_prefixes_of_different_sequences_do_not_see_each_other() -> None:
    # 1 2 and 3 4.
    tree = prefix_tree({(-1, 1): 0, (0, 2): 1, (-1, 3): 2, (2, 4): 3}, context=1)

    assert tree.windows.tolist() == [[-1], [1], [3]]
    assert tree.ancestors.tolist() == [[True, False, False], [True, True, False], [True, False, True]]


@given(
    st.lists(st.lists(st.integers(0, 2), min_size=1, max_size=6).map(tuple), min_size=1, max_size=8), st.integers(1, 3)
)
def test_paths_spell_the_sequences(sequences: list[tuple[int, ...]], context: int) -> None:
    edges: Edges = {}
    paths = []
    for sequence in sequences:
        before, path = -1, []
        for syllable in sequence:
            before = edges.setdefault((before, syllable), len(edges))
            path.append(before)
        paths.append(path)

    tree = prefix_tree(edges, context)

    for sequence, path in zip(sequences, paths, strict=True):
        assert tuple(tree.syllables[path].tolist()) == sequence
        for place, edge in enumerate(path):
            prefix = tree.parents[edge]
            assert tuple(tree.windows[prefix].tolist()) == (*[-1] * context, *sequence[:place])[-context:]
            assert tree.depths[prefix] == place == tree.ancestors[prefix].sum() - 1
