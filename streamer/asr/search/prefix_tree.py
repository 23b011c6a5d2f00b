"""The beginnings that several syllable sequences share, each of them once; pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Ids = npt.NDArray[np.int64]
Edges = dict[tuple[int, int], int]
"""An edge before (−1: none) and the syllable after it, to the edge's number, in order."""


@dataclass(frozen=True, slots=True)
class PrefixTree:
    """Sequences as one tree: a prefix is a place where something follows, an edge a syllable after a prefix."""

    windows: npt.NDArray[np.int64]
    """``(prefixes, context)`` the newest syllables of each prefix, the newest last; −1 before its start."""
    depths: npt.NDArray[np.int64]
    """``(prefixes,)`` its length."""
    ancestors: npt.NDArray[np.bool_]
    """``(prefixes, prefixes)`` true where the column's prefix begins the row's, or is the same."""
    parents: npt.NDArray[np.int64]
    """``(edges,)`` the prefix that each syllable follows."""
    syllables: npt.NDArray[np.int64]
    """``(edges,)``."""


def prefix_tree(edges: Edges, context: int) -> PrefixTree:
    """The tree of some edges.

    Args:
        edges: each after the one that it follows; syllables from 0 on.
        context: syllables that a window holds.
    """
    # Prefixes are numbered as they are first followed, so that each comes after those that begin it.
    numbers = {-1: 0}
    parents = [numbers.setdefault(before, len(numbers)) for before, _ in edges]
    syllables = np.array([syllable for _, syllable in edges], np.int64)
    longer = list(numbers)[1:]
    depths, ancestors = [0], [1]
    for number, edge in enumerate(longer, start=1):
        depths.append(depths[parents[edge]] + 1)
        ancestors.append(ancestors[parents[edge]] | 1 << number)
    return PrefixTree(
        _windows(np.array([0, *[parents[edge] for edge in longer]]), np.array([-1, *syllables[longer]]), context),
        np.array(depths),
        _matrix(ancestors),
        np.array(parents, np.int64),
        syllables,
    )


def _windows(shorter: _Ids, newest: _Ids, context: int) -> _Ids:
    """The newest syllables of each prefix.

    Args:
        shorter: the prefix before its newest syllable; of the empty one itself.
        newest: that syllable.
        context: how many.
    """
    windows = np.empty((len(shorter), context), np.int64)
    prefixes = np.arange(len(shorter))
    for place in range(context - 1, -1, -1):
        windows[:, place] = newest[prefixes]
        prefixes = shorter[prefixes]
    return windows


def _matrix(rows: Sequence[int]) -> npt.NDArray[np.bool_]:
    """Numbers as rows of bits, the lowest first."""
    size = -(-len(rows) // 8)
    packed = np.frombuffer(b"".join([row.to_bytes(size, "little") for row in rows]), np.uint8)
    return np.unpackbits(packed.reshape(-1, size), axis=1, count=len(rows), bitorder="little").view(np.bool_)
