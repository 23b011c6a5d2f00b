"""What a beam search leaves behind: its prefixes as a graph in time, in which those that it took for one meet again.

Prefixes whose scorers are in the same state and that end in the same token have the same future. The search goes on
with the best of them and notes how far the others were behind (recombination, as in any decoder with an n-gram; Ney and
Ortmanns 1999, "Dynamic programming search for continuous speech recognition"). A beam of a hundred prefixes so holds
many thousand sequences, as many in the tenth second of an utterance as in the first.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from streamer.asr.search.beam_steps import Ids, Scores

SPREAD = np.int64(6364136223846793005)
"""A number × this + a part is that of what it was made of and that part, 64 bits of it: that two of the ten thousand
prefixes of an utterance get the same is a matter of once in 10^11 utterances. (Knuth's multiplier.)"""


class PrefixHypothesis(NamedTuple):
    """A token sequence that the search ended with."""

    ids: tuple[int, ...]
    score: float
    """What hypotheses are ranked by: the log-probability of all its alignments that the search saw, and what scorers
    and length bonus added."""


@dataclass(frozen=True, slots=True)
class Arcs:
    """How nodes arose, those of each node in a row, the best first; nodes have numbers in the order of time.

    The first nodes, one for each utterance, are the empty prefixes and have no arcs. Of a search's arcs a quarter is
    ever looked at: they are views of its arrays, for lists of all would take longer than what is read of them.
    """

    starts: Sequence[int]
    """Where the arcs of each node begin; one more than there are nodes."""
    sources: Sequence[int]
    """The node that each comes from, always an earlier one."""
    tokens: Sequence[int]
    """The token that it grew by; −1 where by none."""
    behind: Sequence[float]
    """How far it was behind the best arc of its node: 0 for that one, or less."""


@dataclass(frozen=True, slots=True)
class Lattice:
    """The sequences of one utterance."""

    arcs: Arcs
    """Shared by utterances that were searched together."""
    ends: tuple[tuple[int, float], ...]
    """Nodes that are a whole utterance, and the score of the best way to each, best first; at least one."""

    def best(self, count: int) -> list[PrefixHypothesis]:
        """The prefixes that the search went on with, best first: without those that were taken for one of them."""
        return [PrefixHypothesis(self._spelled(node), score) for node, score in self.ends[:count]]

    def _spelled(self, node: int) -> tuple[int, ...]:
        """The tokens of the best way to a node."""
        arcs, tokens = self.arcs, []
        while (arc := arcs.starts[node]) < arcs.starts[node + 1]:
            if arcs.tokens[arc] >= 0:
                tokens.append(arcs.tokens[arc])
            node = arcs.sources[arc]
        return tuple(reversed(tokens))


class Trace:
    """Notes the arcs while a search goes on."""

    def __init__(self, roots: int) -> None:
        """``roots``: how many empty prefixes there are."""
        self._nodes = roots
        self._counts = [np.zeros(roots, np.int64)]
        self._noted: list[tuple[Ids, Ids, Scores]] = []

    def note(self, counts: Ids, sources: Ids, tokens: Ids, behind: Scores) -> Ids:
        """Add new nodes.

        Args:
            counts: how many arcs each has, at least one.
            sources: of those arcs, node after node, the best of each first.
            tokens: of those arcs.
            behind: of those arcs.

        Returns:
            The nodes' numbers.
        """
        nodes = np.arange(self._nodes, self._nodes + len(counts))
        self._nodes += len(counts)
        self._counts.append(counts)
        self._noted.append((sources, tokens, behind))
        return nodes

    def arcs(self) -> Arcs:
        """All that was noted."""
        starts = np.concatenate([np.zeros(1, np.int64), *self._counts]).cumsum()
        if not self._noted:
            return Arcs(starts.data, (), (), ())
        sources, tokens, behind = (np.concatenate(each).data for each in zip(*self._noted, strict=True))
        return Arcs(starts.data, sources, tokens, behind)


def alike(ids: Sequence[Ids]) -> Ids:
    """For each column the first one that is equal in all rows.

    Equality is that of a 64-bit number that follows from the rows.
    """
    key = ids[0].copy()
    for row in ids[1:]:
        key *= SPREAD
        key += row
    order = key.argsort(kind="stable")
    ordered = key[order]
    is_first = np.empty(len(key), np.bool_)
    is_first[:1] = True
    np.not_equal(ordered[1:], ordered[:-1], out=is_first[1:])
    found = np.empty_like(order)
    found[order] = order[is_first][is_first.cumsum() - 1]
    return found
