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
from dataclasses import dataclass, field

from streamer.asr.lattice import Arcs, Lattice, PrefixHypothesis
from streamer.asr.prefix_tree import Edges

_NARROWER, _NARROWEST = 0.75, 0.01
"""Where there is too much within a margin, it is taken times the first; below the second, the best one is alone."""
_ROUNDING = 1e-6
"""The same sums in another order differ by less."""
_NOTHING = -1
"""Stands where an arc adds no token, and for the edge before the first one."""


@dataclass(slots=True)
class _Place:
    """A node of the lattice, reached by sequences that end alike."""

    score: float
    """How far the best of them is behind the best way to the node; once all is judged, their best score."""
    edge: int
    """Their last edge: where these differ, that of the best one."""
    ahead: float = -math.inf
    """The best score of a sequence through here, less :attr:`score`, once all is judged."""
    ways: list[tuple[_Place, int, int, float]] = field(default_factory=list)
    """The place before, the edge and its token (none where an arc adds none), and how far the arc is behind."""
    best: list[tuple[float, int]] = field(default_factory=list)
    """The best sequences that arrive here, with their scores."""


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
        least = self._best_through(judged) - within - _ROUNDING
        spellings: dict[tuple[int, int], int] = {}
        for place in self._places:
            if place.score + place.ahead >= least:
                place.best = _arriving(place.ways, judged, spellings, count) or [(0.0, _NOTHING)]
        found: dict[int, float] = {}
        for place, at_end in self._ends:
            for score, spelling in place.best:
                found[spelling] = max(score + at_end, found.get(spelling, score + at_end))
        order = sorted(found, key=found.__getitem__, reverse=True)[:count]
        spelled = list(spellings)
        return [PrefixHypothesis(_spelled(each, spelled), found[each]) for each in order if found[each] >= least]

    def _best_through(self, judged: Sequence[float]) -> float:
        """Find the best score of a sequence through each place; the best of all is returned."""
        for place in self._places:
            if place.ways:
                place.score = max([before.score + behind + judged[edge] for before, edge, _, behind in place.ways])
        for place, at_end in self._ends:
            place.ahead = at_end
        for place in reversed(self._places):
            ahead = place.ahead
            for before, edge, _, behind in place.ways:
                through = ahead + behind + judged[edge]
                before.ahead = max(before.ahead, through)
        return max([place.score + at_end for place, at_end in self._ends])

    def _find(self, margin: float, limit: float) -> bool:
        """Follow what is within a margin; false where that is more edges than the limit."""
        ends = self._lattice.ends
        least = ends[0][1] - margin
        near = [(node, score) for node, score in ends if score >= least]
        ahead = self._ahead(near, least)
        self.edges.clear()
        self._places: list[_Place] = []
        at: dict[int, dict[tuple[int, ...], _Place]] = {}
        for node in sorted(ahead):
            at[node] = self._arrive(node, at, least - ahead[node])
            if len(self.edges) > limit:
                return False
            self._places += at[node].values()
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

    def _arrive(
        self, node: int, at: dict[int, dict[tuple[int, ...], _Place]], least: float
    ) -> dict[tuple[int, ...], _Place]:
        """The places of a node by the tokens that they end in.

        Args:
            node: its number.
            at: the places of the nodes before.
            least: how far they may be behind the best way to it, or less.
        """
        arcs, edges, reach = self._lattice.arcs, self.edges, self._reach
        first, stop = arcs.starts[node], arcs.starts[node + 1]
        if first == stop:
            return {(): _Place(0.0, _NOTHING)}
        found: dict[tuple[int, ...], _Place] = {}
        for arc in range(first, stop):
            behind, token = arcs.behind[arc], arcs.tokens[arc]
            for ending, before in at.get(arcs.sources[arc], _NOWHERE).items():
                score = before.score + behind
                if score < least:
                    continue
                edge, taken, now = before.edge, _NOTHING, ending
                if token != _NOTHING:
                    edge = taken = edges.setdefault((edge, token), len(edges))
                    now = (*ending, token)[-reach:]
                place = found.get(now)
                if place is None:
                    place = found[now] = _Place(score, edge)
                elif score > place.score:
                    place.score, place.edge = score, edge
                place.ways.append((before, taken, token, behind))
        return found


_NOWHERE: dict[tuple[int, ...], _Place] = {}


def _best_alone(lattice: Lattice) -> Lattice:
    """What is left where too many sequences are equally good to tell them apart."""
    ((ids, score),) = lattice.best(1)
    count = len(ids)
    return Lattice(Arcs([0, *range(count + 1)], list(range(count)), list(ids), [0.0] * count), ((count, score),))


def _arriving(
    ways: Sequence[tuple[_Place, int, int, float]],
    judged: Sequence[float],
    spellings: dict[tuple[int, int], int],
    count: int,
) -> list[tuple[float, int]]:
    """The best sequences that arrive by some ways: scores, and numbers of their spellings, each once.

    Args:
        ways: of a place; none at the first one.
        judged: what each edge adds.
        spellings: numbers of a sequence's beginning (−1: nothing) and its last token; new ones are added.
        count: how many at most.
    """
    found: list[tuple[float, int]] = []
    for before, edge, token, behind in ways:
        more = behind + judged[edge]
        if edge == _NOTHING:
            found += [(score + more, spelling) for score, spelling in before.best]
        else:
            found += [
                (score + more, spellings.setdefault((spelling, token), len(spellings)))
                for score, spelling in before.best
            ]
    if len(ways) < 2:
        return found
    found.sort(reverse=True)
    once: dict[int, float] = {}
    for score, spelling in found:
        once.setdefault(spelling, score)
    return [(score, spelling) for spelling, score in list(once.items())[:count]]


def _spelled(number: int, spellings: Sequence[tuple[int, int]]) -> tuple[int, ...]:
    tokens = []
    while number != _NOTHING:
        number, token = spellings[number]
        tokens.append(token)
    return tuple(reversed(tokens))
