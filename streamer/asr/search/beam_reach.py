"""What the prefixes of a beam become with one more token, each with as many tokens as are worth it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from streamer.asr.search.beam_steps import Ids, Scores, Step
from streamer.asr.search.scorers import PrefixScorer

_ROUNDING = 1e-6
"""The same sums in another order differ by less."""
_MANY = 2
"""Times as many as are kept: it costs less to leave most of them out before they are put in order."""
_FEW = 500
"""Prefixes of which it costs less to ask for each."""


class Reached:
    """Prefixes with one more token: the first prefix of the beam with each of its tokens, then the next one.

    What is too far behind the best is never written down: tokens come in the order of their probability, so that those
    with which a prefix is followed are the first ones.
    """

    def __init__(
        self, lanes: Ids, edges: Sequence[int], step: Step, total: Scores, priors: Scores, least: float | Scores
    ) -> None:
        """Find what is followed.

        Args:
            lanes: (prefixes,) the utterance of each prefix of the beam, ascending from 0.
            edges: where the utterances begin in the beam, and where it ends.
            step: what it considers.
            total: (prefixes,) log-probabilities in all.
            priors: (prefixes,) what scorers and length bonus added.
            least: the finite score below which nothing is followed, rounding aside, before its newest token is
                judged; of each prefix where it is not the same for all.
        """
        self._lanes, self._edges, self._step, self._priors, self._least = lanes, edges, step, priors, least
        rows = lanes * step.tokens.shape[-1] if len(edges) > 2 else 0
        self.counts = self._counted(total + priors + (_ROUNDING - least))
        """(prefixes,) tokens that each is followed with."""
        stops = self.counts.cumsum()
        self._firsts = stops - self.counts
        self._every = np.arange(stops[-1])
        self._places = self._every + (rows - self._firsts).repeat(self.counts)
        self.priors = priors.repeat(self.counts)
        """What scorers and length bonus added before the newest token."""
        self.arriving = total.repeat(self.counts) + step.log_probs.take(self._places)
        """Log-probability of each, minus infinity where there is none."""

    def _counted(self, most: Scores) -> Ids:
        """How many of its tokens cost each prefix no more than this."""
        costs = -self._step.log_probs
        if len(self._edges) == 2:
            return costs.reshape(-1).searchsorted(most, side="right")
        parts = zip(costs, pairwise(self._edges), strict=True)
        return np.concatenate([each.searchsorted(most[start:stop], side="right") for each, (start, stop) in parts])

    def replace(self, prefixes: Ids, tokens: Ids, arriving: Scores) -> None:
        """Set how probable some prefixes are with one token each.

        Args:
            prefixes: which.
            tokens: the place of each one's token among those of its utterance.
            arriving: log-probabilities, not above what they were.
        """
        known, at = self._found(prefixes, tokens)
        prefixes, arriving = prefixes[known], arriving[known]
        least = self._least if isinstance(self._least, float) else self._least[prefixes]
        self.arriving[at] = np.where(arriving + self._priors[prefixes] < least, -np.inf, arriving)

    def take(self, prefixes: Ids, tokens: Ids) -> Scores:
        """How probable some prefixes are with one token each, which are followed no longer."""
        known, at = self._found(prefixes, tokens)
        taken = np.full(len(prefixes), -np.inf)
        taken[known] = self.arriving[at]
        self.arriving[at] = -np.inf
        return taken

    def _found(self, prefixes: Ids, tokens: Ids) -> tuple[npt.NDArray[np.bool_], Ids]:
        """Which of some prefixes with one token each there are, and where."""
        known = tokens < self.counts[prefixes]
        return known, self._firsts[prefixes[known]] + tokens[known]

    def scored(self, states: Ids, scorer: PrefixScorer) -> tuple[Ids, Scores, Ids]:
        """Ask a scorer, once for all prefixes of an utterance in the same state.

        Args:
            states: (prefixes,) the scorer's.
            scorer: knows them.

        Returns:
            States and scores after one more token, and where in these each prefix with its token lies.
        """
        if len(self._every) < _FEW:
            return *scorer.extend(states.repeat(self.counts), self._step.tokens.take(self._places)), self._every
        keys = states * len(self._edges) + self._lanes
        order = keys.argsort()
        is_other = np.empty(len(keys), np.bool_)
        is_other[0] = True
        ordered = keys[order]
        np.not_equal(ordered[1:], ordered[:-1], out=is_other[1:])
        begins = is_other.nonzero()[0]
        most = np.maximum.reduceat(self.counts[order], begins)
        first, one = most.cumsum() - most, order[begins]
        places = np.arange(int(most.sum())) + (self._lanes[one] * self._step.tokens.shape[-1] - first).repeat(most)
        after, scores = scorer.extend(states[one].repeat(most), self._step.tokens.take(places))
        begin = np.empty_like(keys)
        begin[order] = first[is_other.cumsum() - 1]
        return after, scores, self._every + (begin - self._firsts).repeat(self.counts)

    def of(self, some: Ids) -> tuple[Ids, Ids]:
        """The prefixes in the beam that some of these were, and their newest tokens."""
        # What is behind an empty one begins where that begins.
        before = self._firsts.searchsorted(some, side="right") - 1
        return before, self._step.tokens.take(self._places[some])

    def best(self, staying: Scores, arriving: Scores, beam: int, margin: float) -> Ids:
        """The best prefixes of each utterance, in order: of those in the beam, and, counted on, of these.

        Args:
            staying: (prefixes,) scores of those in the beam.
            arriving: scores of these.
            beam: how many.
            margin: how far they may be behind the first.
        """
        scores = np.concatenate([staying, arriving])
        if len(self._edges) == 2:
            near = _near(scores, float(scores.max()) - margin, len(staying))
            return _best(near, -scores[near], beam)
        lanes = np.concatenate([self._lanes, self._lanes.repeat(self.counts)])
        best = np.full(len(self._edges) - 1, -np.inf)
        np.maximum.at(best, lanes, scores)
        near = _near(scores, (best - margin)[lanes], len(staying))
        # Utterance after utterance: numbers of 16 bits are put in order without comparing them.
        near = near[lanes[near].astype(np.int16).argsort(kind="stable")]
        behind, edges = -scores[near], lanes[near].searchsorted(np.arange(len(self._edges))).tolist()
        parts = [slice(*each) for each in pairwise(edges)]
        return np.concatenate([_best(near[part], behind[part], beam) for part in parts])


def _near(scores: Scores, least: float | Scores, always: int) -> Ids:
    """The places of scores that are not below ``least``; minus infinity only among so many first ones."""
    near: Ids = (scores >= least).nonzero()[0]
    if np.min(least) == -np.inf:
        near = near[(near < always) | (scores[near] > -np.inf)]
    return near


def _best(places: Ids, behind: Scores, beam: int) -> Ids:
    """The best of some places, in order: so many at most, and of equals the first ones.

    Args:
        places: of one utterance, ascending.
        behind: of each, the lower the better.
        beam: how many.
    """
    if len(places) > _MANY * beam:
        # Those that are as good as the last one are kept: the first of equals counts.
        kept = (behind <= np.partition(behind, beam - 1)[beam - 1]).nonzero()[0]
        places, behind = places[kept], behind[kept]
    best: Ids = places[behind.argsort(kind="stable")[:beam]]
    return best
