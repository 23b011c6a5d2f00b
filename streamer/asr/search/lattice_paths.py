"""The likeliest ways through a lattice, and what a model that sees further back has to judge for them.

The search's lattice tells sequences apart by what its trigram sees. Here they are told apart by their last ``reach``
tokens, and only those near the best are kept: then a few hundred judgements are enough for all that remain, where a
list of as many sequences would repeat each other (lattice rescoring: Sak et al. 2010, "On-the-fly lattice rescoring for
real-time automatic speech recognition").
"""

from __future__ import annotations

import heapq
import math
from collections.abc import Sequence
from itertools import compress

from streamer.asr.search.lattice import Arcs, Lattice, PrefixHypothesis
from streamer.asr.search.prefix_tree import Edges

_NARROWER, _NARROWEST = 0.75, 0.01
"""Where there is too much within a margin, it is taken times the first; below the second, the best one is alone."""
_ROUNDING = 1e-6
"""The same sums in another order differ by less."""
_NOTHING = -1
"""Stands where an arc adds no token, and for the edge before the first one."""
_ROOT = 0
"""The place where nothing was said."""


_Way = tuple[int, int, int, int, float]
"""How a place is reached, a node of the lattice by sequences that end alike: the number of the place, that of the place
before, a lower one, the edge and its token (both −1 where the arc adds none), and how far the arc is behind the best of
its node. Numbers alone: Python's collector would go through objects by the thousand."""


class LatticePaths:
    """The sequences of a lattice that are near its best one."""

    def __init__(self, lattice: Lattice, margin: float, reach: int, most: int = 1024) -> None:
        """Find them.

        Args:
            lattice: of one utterance.
            margin: how far a sequence may be behind the best one, before anything is judged.
            reach: tokens back to which sequences are told apart.
            most: edges to judge, if these are not those of a single sequence. What is unclear throughout has fewer ways
                kept than the margin allows: a model's attention takes memory with the square of its edges.
        """
        self._lattice = lattice
        self._reach = reach
        self.edges: Edges = {}
        """What is to be judged: an edge before (−1: none) and the token after it, to the edge's number. An edge's
        sequence is that of the edges before it, the best of those that end alike."""
        self._ways: list[_Way] = []
        """In order of their places' nodes: those into a place before those out of it."""
        self._scores: list[float] = []
        """Of each place: how far the best way to it is behind the best way to its node."""
        self._last_edges: list[int] = []
        """Of each place: the last edge of the sequences, where these differ that of the best one."""
        limit: float = most
        while not self._find(margin, limit):
            margin *= _NARROWER
            if margin < _NARROWEST:
                self._lattice, limit = _best_alone(lattice), math.inf

    def best(
        self,
        count: int,
        within: float = math.inf,
        scores: Sequence[float] | None = None,
        weight: float = 0.0,
        bonus: float = 0.0,
    ) -> list[PrefixHypothesis]:
        """The best sequences, best first, each once. To be asked for once.

        Args:
            count: how many at most.
            within: how far they may be behind the best one.
            scores: of :attr:`edges`, natural logarithms; None: nothing was judged.
            weight: how much they count.
            bonus: added for every token that was judged.
        """
        judged = [0.0] * len(self.edges) if scores is None else [weight * each + bonus for each in scores]
        judged.append(0.0)  # where an arc adds no token: _NOTHING
        through = self._best_through(judged)
        least = max(through) - within - _ROUNDING
        spellings: dict[tuple[int, int], int] = {}
        arriving = _Arriving(count, spellings)
        is_kept = [score >= least for score in through]
        kept = [is_kept[place] and is_kept[before] for place, before, _, _, _ in self._ways]
        for place, before, edge, token, behind in compress(self._ways, kept):
            arriving.add(place, before, token, behind + judged[edge])
        found: dict[int, float] = {}
        for place, at_end in self._ends:
            for score, spelling in arriving.best(place):
                found[spelling] = max(score + at_end, found.get(spelling, score + at_end))
        order = sorted(found, key=found.__getitem__, reverse=True)[:count]
        spelled = list(spellings)
        return [PrefixHypothesis(_spelled(each, spelled), found[each]) for each in order if found[each] >= least]

    def _best_through(self, judged: Sequence[float]) -> list[float]:
        """The best score of a sequence through each place."""
        scores = [-math.inf] * len(self._scores)
        scores[_ROOT] = 0.0
        for place, before, edge, _, behind in self._ways:
            score = scores[before] + behind + judged[edge]
            if score > scores[place]:  # noqa: PLR1730 - ten thousand times; max() takes three times as long
                scores[place] = score
        ahead = [-math.inf] * len(scores)
        for place, at_end in self._ends:
            ahead[place] = at_end
        for place, before, edge, _, behind in reversed(self._ways):
            score = ahead[place] + behind + judged[edge]
            if score > ahead[before]:  # noqa: PLR1730
                ahead[before] = score
        return [score + after for score, after in zip(scores, ahead, strict=True)]

    def _find(self, margin: float, limit: float) -> bool:
        """Follow what is within a margin; false where that is more edges than the limit."""
        ends = self._lattice.ends
        least = ends[0][1] - margin
        near = [(node, score) for node, score in ends if score >= least]
        ahead = self._ahead(near, least)
        self.edges.clear()
        self._ways.clear()
        self._scores, self._last_edges = [0.0], [_NOTHING]
        nodes = sorted(ahead)
        at: dict[int, dict[tuple[int, ...], int]] = {nodes[0]: {(): _ROOT}}
        for node in nodes[1:]:
            at[node] = self._arrive(node, at, least - ahead[node])
            if len(self.edges) > limit:
                return False
        self._ends = [(place, score) for node, score in near for place in at[node].values()]
        return True

    def _ahead(self, ends: Sequence[tuple[int, float]], least: float) -> dict[int, float]:
        """The score of the best way on from each node, of those on a way that is not below ``least``."""
        arcs, ahead = self._lattice.arcs, dict(ends)
        waiting = [-node for node in ahead]
        heapq.heapify(waiting)
        while waiting:
            node = -heapq.heappop(waiting)
            score = ahead[node]
            for arc in range(arcs.starts[node], arcs.starts[node + 1]):
                before, source = score + arcs.behind[arc], arcs.sources[arc]
                if before < least:
                    continue
                if source not in ahead:
                    heapq.heappush(waiting, -source)
                    ahead[source] = before
                elif before > ahead[source]:
                    ahead[source] = before
        return ahead

    def _arrive(self, node: int, at: dict[int, dict[tuple[int, ...], int]], least: float) -> dict[tuple[int, ...], int]:
        """The places of a node by the tokens that they end in.

        Args:
            node: its number.
            at: the places of the nodes before.
            least: how far they may be behind the best way to it, or less.
        """
        arcs, edges, reach = self._lattice.arcs, self.edges, self._reach
        scores, last_edges, ways = self._scores, self._last_edges, self._ways
        found: dict[tuple[int, ...], int] = {}
        for arc in range(arcs.starts[node], arcs.starts[node + 1]):
            behind, token, source = arcs.behind[arc], arcs.tokens[arc], arcs.sources[arc]
            if source not in at:
                continue
            for ending, before in at[source].items():
                score = scores[before] + behind
                if score < least:
                    continue
                edge, taken, now = last_edges[before], _NOTHING, ending
                if token != _NOTHING:
                    edge = taken = edges.setdefault((edge, token), len(edges))
                    now = (*ending, token)[-reach:]
                place = found.get(now)
                if place is None:
                    place = found[now] = len(scores)
                    scores.append(score)
                    last_edges.append(edge)
                elif score > scores[place]:
                    scores[place], last_edges[place] = score, edge
                ways.append((place, before, taken, token, behind))
        return found


def _best_alone(lattice: Lattice) -> Lattice:
    """What is left where too many sequences are equally good to tell them apart."""
    ((ids, score),) = lattice.best(1)
    count = len(ids)
    return Lattice(Arcs([0, *range(count + 1)], list(range(count)), list(ids), [0.0] * count), ((count, score),))


class _Arriving:
    """The best sequences that arrive at each place, each once."""

    def __init__(self, count: int, spellings: dict[tuple[int, int], int]) -> None:
        """Begin at the first place.

        Args:
            count: how many of each.
            spellings: numbers of a sequence's beginning (−1: nothing) and its last token; new ones are added.
        """
        self._count = count
        self._spellings = spellings
        self._found: dict[int, list[tuple[float, int]]] = {_ROOT: [(0.0, _NOTHING)]}
        self._several: set[int] = set()
        """Places with more than one way, whose sequences are not in order yet."""

    def add(self, place: int, before: int, token: int, more: float) -> None:
        """A way from a place to which nothing is added any more; ``more``: what it adds to the score."""
        spellings = self._spellings
        if token == _NOTHING:
            arriving = [(score + more, spelling) for score, spelling in self.best(before)]
        else:
            arriving = [
                (score + more, spellings.setdefault((spelling, token), len(spellings)))
                for score, spelling in self.best(before)
            ]
        if place in self._found:
            self._found[place] += arriving
            self._several.add(place)
        else:
            self._found[place] = arriving

    def best(self, place: int) -> list[tuple[float, int]]:
        """Scores and spellings, the best first; none where nothing arrived."""
        found = self._found.get(place, [])
        if place in self._several:
            self._several.remove(place)
            found.sort(reverse=True)
            once: dict[int, float] = {}
            for score, spelling in found:
                once.setdefault(spelling, score)
            found = self._found[place] = [(score, spelling) for spelling, score in list(once.items())[: self._count]]
        return found


def _spelled(number: int, spellings: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    tokens = []
    while number != _NOTHING:
        number, token = spellings[number]
        tokens.append(token)
    return tuple(reversed(tokens))
