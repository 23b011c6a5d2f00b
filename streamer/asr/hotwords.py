"""Hotwords: names and terms that the search favours, as an Aho–Corasick automaton over syllable ids; pure.

From its second token on a hotword earns its bonus at once, so that a name survives the pruning of the beam before it
is complete. What an unfinished hotword earned is taken back as soon as it fails or the utterance ends; what a complete
one earned stays. An unfinished one earns no more than the search can take back: it would crowd out everything else, and
where it fails the rest of the utterance would be lost with it. (Aho and Corasick 1975, "Efficient string matching: an
aid to bibliographic search".)
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

_ROOT = 0
_FEW = 200
_FALL = 0.23


@dataclass(frozen=True, slots=True)
class SpelledHotword:
    """One way to pronounce a hotword."""

    text: str
    """How it is written, a character a syllable."""
    syllables: tuple[int, ...]
    """Ids of the acoustic table."""
    weight: float = 1.0
    """Factor on its bonus."""


def damping(words: int) -> float:
    """Factor on the bonus of each of so many hotwords: 1 up to 200, 0.69 for 1,000, 0.41 for 10,000.

    A word of a long list is less likely to be said than one of a short list, and some word of a long list fits almost
    any sound: undamped, 10,000 words make more errors than they repair.
    """
    return min(1.0, float((max(words, 1) / _FEW) ** -_FALL))


def most_pending(margin: float, bonus: float) -> float:
    """The most that an unfinished hotword may earn: its sound, too, may put it before what was said.

    Args:
        margin: by how much the search lets sequences be behind the best one.
        bonus: what a syllable of a hotword of weight 1 earns in it.
    """
    return margin / 2 / bonus if bonus else math.inf


@dataclass(frozen=True, slots=True)
class HotwordMatch:
    """A hotword found in a sequence of syllables."""

    start: int
    """Index of its first syllable."""
    hotword: SpelledHotword

    @property
    def stop(self) -> int:
        """Index after its last syllable."""
        return self.start + len(self.hotword.syllables)


@dataclass(slots=True)
class _Node:
    """A prefix of some hotwords."""

    depth: int
    token_bonus: float = 0.0
    """Largest bonus a token among the hotwords that go through here."""
    collected: float = 0.0
    """Bonuses since the last complete hotword on the way here: what it earns if it is complete."""
    pending: float = 0.0
    """What of that is earned before; lost if what follows does not fit."""
    earned: float = 0.0
    """Earned for good by arriving here: hotwords that end here as a suffix of the prefix."""
    failure: int = _ROOT
    hotwords: tuple[SpelledHotword, ...] = ()
    """Those that end here: they sound alike."""
    shorter: int = _ROOT
    """Nearest node on the failure chain where a hotword ends."""


class HotwordScorer:
    """Favours hotwords in the search; a :class:`~streamer.asr.search.scorers.PrefixScorer` whose states are nodes."""

    def __init__(self, hotwords: Iterable[SpelledHotword], most_pending: float = math.inf) -> None:
        """``most_pending``: the most that an unfinished hotword earns."""
        self._most_pending = most_pending
        self._nodes = [_Node(0)]
        self._edges: list[dict[int, int]] = [{}]
        for hotword in hotwords:
            self._insert(hotword)
        self._link()

    def start(self) -> int:
        """State of the empty prefix."""
        return _ROOT

    def extend(
        self, states: npt.NDArray[np.int64], token_ids: npt.NDArray[np.int64]
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float64]]:
        """Extend several prefixes, each by one token."""
        after, scores = [], []
        nodes = self._nodes
        for state, token in zip(states.tolist(), token_ids.tolist(), strict=True):
            node = self._next(state, token)
            after.append(node)
            scores.append(nodes[node].pending - nodes[state].pending + nodes[node].earned)
        return np.array(after, np.int64), np.array(scores, np.float64)

    def finish(self, states: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """What an unfinished hotword earned is taken back."""
        return np.array([-self._nodes[state].pending for state in states.tolist()], np.float64)

    def matches(
        self, token_ids: Sequence[int], cost: Callable[[HotwordMatch], float] = lambda _: 0.0
    ) -> list[HotwordMatch]:
        """Hotwords in a sequence of syllables that do not overlap: the longest first, then the leftmost.

        Of those that sound alike it is the heaviest, then the one that costs least, then the first.

        Args:
            token_ids: the syllables.
            cost: how strange a hotword would be there; infinity: too strange.
        """
        found: list[tuple[int, int, float, float, HotwordMatch]] = []
        for index, ending in self._endings(token_ids):
            depth = self._nodes[ending].depth
            for hotword in self._nodes[ending].hotwords:
                match = HotwordMatch(index + 1 - depth, hotword)
                if (costs := cost(match)) < math.inf:
                    found.append((-depth, match.start, -hotword.weight, costs, match))
        found.sort(key=lambda one: one[:-1])
        chosen: list[HotwordMatch] = []
        for *_, match in found:
            if all(match.stop <= other.start or match.start >= other.stop for other in chosen):
                chosen.append(match)
        return sorted(chosen, key=lambda match: match.start)

    def covered(self, token_ids: Sequence[int]) -> set[int]:
        """The places of a sequence that lie in any hotword."""
        depths = [(index + 1, self._nodes[ending].depth) for index, ending in self._endings(token_ids)]
        return {place for stop, depth in depths for place in range(stop - depth, stop)}

    def _endings(self, token_ids: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where hotwords end: places of their last tokens, and their nodes."""
        node = _ROOT
        for index, token in enumerate(token_ids):
            node = self._next(node, token)
            ending = node if self._nodes[node].hotwords else self._nodes[node].shorter
            while ending != _ROOT:
                yield index, ending
                ending = self._nodes[ending].shorter

    def _insert(self, hotword: SpelledHotword) -> None:
        node = _ROOT
        for token in hotword.syllables:
            if token not in self._edges[node]:
                self._edges[node][token] = len(self._nodes)
                self._nodes.append(_Node(self._nodes[node].depth + 1))
                self._edges.append({})
            node = self._edges[node][token]
            self._nodes[node].token_bonus = max(self._nodes[node].token_bonus, hotword.weight)
        if node != _ROOT:
            self._nodes[node].hotwords += (hotword,)

    def _link(self) -> None:
        """Failure links and bonuses, breadth first."""
        waiting = deque([_ROOT])
        while waiting:
            parent = waiting.popleft()
            for token, child in self._edges[parent].items():
                waiting.append(child)
                node = self._nodes[child]
                node.failure = _ROOT if parent == _ROOT else self._next(self._nodes[parent].failure, token)
                behind = self._nodes[node.failure]
                node.shorter = node.failure if behind.hotwords else behind.shorter
                # The bonus of the first token waits for the second: with many hotwords most syllables begin one, and
                # favouring them all would crowd what was said out of the beam.
                if node.depth == 2:
                    node.collected = self._nodes[parent].token_bonus + node.token_bonus
                elif node.depth > 2:
                    node.collected = self._nodes[parent].collected + node.token_bonus
                node.pending = min(node.collected, self._most_pending)
                if node.hotwords:
                    node.earned, node.collected, node.pending = max(node.collected, node.token_bonus), 0.0, 0.0
                elif node.shorter != _ROOT:
                    # A shorter hotword ends inside an unfinished longer one.
                    node.earned = self._nodes[node.shorter].earned

    def _next(self, node: int, token: int) -> int:
        while True:
            following = self._edges[node].get(token)
            if following is not None:
                return following
            if node == _ROOT:
                return _ROOT
            node = self._nodes[node].failure


@dataclass(frozen=True, slots=True)
class FavouredHotwords:
    """Hotwords as one search favours them; nothing of it changes, so that several may."""

    scorer: HotwordScorer | None = None
    """None where there are none."""
    damping: float = 1.0
    """Factor on the bonus of each."""

    @classmethod
    def of(cls, hotwords: Sequence[SpelledHotword], margin: float, bonus: float) -> Self:
        """Favour these, the more of them the less each. ``margin``, ``bonus``: as of :func:`most_pending`."""
        damped = damping(len({each.text for each in hotwords}))
        return cls(HotwordScorer(hotwords, most_pending(margin, bonus * damped)) if hotwords else None, damped)
