"""The beginnings that several syllable sequences share, each of them once; pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


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
        fresh = dict(edges)
        path = _follow(sequence, fresh)
        if len(fresh) > most and paths:
            yield _tree(edges, paths, context)
            fresh, paths = {}, []
            path = _follow(sequence, fresh)
        edges = fresh
        paths.append(path)
    if paths:
        yield _tree(edges, paths, context)


def _follow(sequence: tuple[int, ...], edges: dict[tuple[int, int], int]) -> tuple[int, ...]:
    """The edges of a sequence; those that are new are added: (edge before or −1, syllable) to number."""
    before, path = -1, []
    for syllable in sequence:
        before = edges.setdefault((before, syllable), len(edges))
        path.append(before)
    return tuple(path)


def _tree(edges: dict[tuple[int, int], int], paths: list[tuple[int, ...]], context: int) -> PrefixTree:
    # Prefixes are numbered as they are first followed, so that each comes after those that begin it.
    numbers: dict[int, int] = {}
    for before, _ in edges:
        numbers.setdefault(before, len(numbers))
    syllables = [syllable for _, syllable in edges]
    befores = [before for before, _ in edges]
    windows = np.full((len(numbers), context), -1, np.int64)
    depths = np.zeros(len(numbers), np.int64)
    ancestors = np.zeros((len(numbers), len(numbers)), np.bool_)
    for edge, number in numbers.items():
        ancestors[number, number] = True
        if edge >= 0:
            shorter = numbers[befores[edge]]
            ancestors[number] |= ancestors[shorter]
            windows[number, :-1], windows[number, -1] = windows[shorter, 1:], syllables[edge]
            depths[number] = depths[shorter] + 1
    parents = np.array([numbers[before] for before in befores], np.int64)
    return PrefixTree(windows, depths, ancestors, parents, np.array(syllables, np.int64), tuple(paths))
