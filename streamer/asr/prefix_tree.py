"""The beginnings that several syllable sequences share, each of them once; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_Ids = npt.NDArray[np.int64]


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
    paths: tuple[tuple[int, ...], ...]
    """The edges of each sequence, in order."""


def prefix_trees(sequences: Sequence[tuple[int, ...]], context: int, most: int) -> Iterator[PrefixTree]:
    """One tree, or several where one would have more than ``most`` edges (one sequence may have more); in order.

    Args:
        sequences: syllables from 0 on.
        context: syllables that a window holds.
        most: what bounds the memory for the ancestors, which grows with the square.
    """
    edges: dict[tuple[int, int], int] = {}
    paths: list[tuple[int, ...]] = []
    for sequence in sequences:
        before = len(edges)
        path = _follow(sequence, edges)
        if len(edges) > most and paths:
            for _ in range(len(edges) - before):
                edges.popitem()
            yield _tree(edges, paths, context)
            edges, paths = {}, []
            path = _follow(sequence, edges)
        paths.append(path)
    if paths:
        yield _tree(edges, paths, context)


def _follow(sequence: tuple[int, ...], edges: dict[tuple[int, int], int]) -> tuple[int, ...]:
    """The edges of a sequence; those that are new are added: (edge before or −1, syllable) to number."""
    before = -1
    return tuple([before := edges.setdefault((before, syllable), len(edges)) for syllable in sequence])


def _tree(edges: dict[tuple[int, int], int], paths: list[tuple[int, ...]], context: int) -> PrefixTree:
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
        tuple(paths),
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
