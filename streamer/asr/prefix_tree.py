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
    windows: list[tuple[int, ...]] = []
    depths: list[int] = []
    ancestors = np.eye(len(numbers), dtype=np.bool_)
    for edge, number in numbers.items():
        if edge < 0:
            windows.append((-1,) * context)
            depths.append(0)
        else:
            shorter = numbers[befores[edge]]
            windows.append((*windows[shorter][1:], syllables[edge]))
            depths.append(depths[shorter] + 1)
            ancestors[number] |= ancestors[shorter]
    return PrefixTree(
        np.array(windows, np.int64).reshape(-1, context),
        np.array(depths, np.int64),
        ancestors,
        np.array([numbers[before] for before in befores], np.int64),
        np.array(syllables, np.int64),
        tuple(paths),
    )
