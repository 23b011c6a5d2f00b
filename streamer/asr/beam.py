"""CTC prefix beam search: the most probable token sequences, each over all of its alignments.

Every prefix keeps two log-probabilities, of its alignments that end in a blank and of those that end in its last token
(Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs").
Prefixes are nodes of a tree, so that alignments that meet in one prefix are added without comparing sequences.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from heapq import nlargest
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.asr.scorers import WeightedScorer

_NEVER = -math.inf


@dataclass(frozen=True, slots=True)
class BeamOptions:
    """How wide the search is."""

    beam: int = 8
    """Prefixes kept after every step."""
    tokens_per_step: int = 8
    """Tokens considered at every step, the blank not counted."""
    min_log_prob: float = -9.0
    """Tokens below this log-probability are not considered."""
    blank_skip: float = 0.99
    """Steps whose blank is more probable than this count as blank and nothing else; 1 to search every step."""
    margin: float = math.inf
    """Prefixes whose score is so far below the best one's are not followed: where the sound is clear, few are."""
    length_bonus: float = 0.0
    """Added to the score for every token, against the preference of products for short sequences."""
    n_best: int = 1
    """Hypotheses returned at most."""


@dataclass(frozen=True, slots=True)
class PrefixHypothesis:
    """A token sequence that the search ended with."""

    ids: tuple[int, ...]
    acoustic: float
    """Log-probability of all its alignments that the search saw."""
    prior: float
    """What scorers and length bonus added."""

    @property
    def score(self) -> float:
        """What hypotheses are ranked by."""
        return self.acoustic + self.prior


class _Step(NamedTuple):
    """What the search considers at one step, or at several blank ones together."""

    blank: float
    tokens: tuple[tuple[int, float], ...]
    """Ids and log-probabilities, the most probable first."""

    @property
    def peak(self) -> float:
        """The highest log-probability."""
        return max(self.blank, self.tokens[0][1]) if self.tokens else self.blank


_Entry = tuple[float, int, float, float]
"""A prefix in the beam: its score (acoustic log-probability and prior) with its sign changed, so that entries sort best
first; its node in the tree; the log-probability of its alignments that end in a blank; of those that end in its last
token. A plain tuple, because thousands are made for an utterance."""


class _PrefixTree:
    """All prefixes seen so far; node 0 is the empty one."""

    def __init__(self, scorers: Sequence[WeightedScorer], length_bonus: float, columns: int) -> None:
        self._scorers = scorers
        self._length_bonus = length_bonus
        self._columns = columns
        self._parents = [-1]
        self._children: dict[int, int] = {}
        """Nodes by parent × columns + token: one table, for a table in every node costs more than the search."""
        self._states: list[list[Hashable]] = [[each.scorer.start()] for each in scorers]
        """Of each scorer, by node."""
        self.tokens = [-1]
        self.priors = [0.0]

    def grow(self, nodes: list[int], tokens: list[int]) -> list[int]:
        """The prefixes that are ``nodes`` with one more token each. Scorers see all new ones at once."""
        children, columns = self._children, self._columns
        keys = [node * columns + token for node, token in zip(nodes, tokens, strict=True)]
        fresh = [key for key in keys if key not in children]
        if fresh:
            parents, added = [key // columns for key in fresh], [key % columns for key in fresh]
            priors = [self.priors[node] + self._length_bonus for node in parents]
            for known, each in zip(self._states, self._scorers, strict=True):
                states, scores = each.scorer.extend([known[node] for node in parents], added)
                weight = each.weight
                priors = [prior + weight * score for prior, score in zip(priors, scores, strict=True)]
                known.extend(states)
            first = len(self._parents)
            children.update(zip(fresh, range(first, first + len(fresh)), strict=True))
            self._parents += parents
            self.tokens += added
            self.priors += priors
        return [children[key] for key in keys]

    def finished(self, node: int) -> float:
        """Prior of a prefix that ends here."""
        ends = zip(self._scorers, self._states, strict=True)
        return self.priors[node] + sum(each.weight * each.scorer.finish(states[node]) for each, states in ends)

    def ids(self, node: int) -> tuple[int, ...]:
        """The prefix written out."""
        reversed_ids = []
        while node:
            reversed_ids.append(self.tokens[node])
            node = self._parents[node]
        return tuple(reversed(reversed_ids))


def beam_search(
    log_probs: npt.NDArray[np.float32],
    blank_id: int,
    options: BeamOptions | None = None,
    scorers: Sequence[WeightedScorer] = (),
) -> list[PrefixHypothesis]:
    """The best token sequences, best first; at least one (the empty one where nothing was said).

    Args:
        log_probs: ``(steps, columns)``; natural logarithms, a column a token and one for the blank.
        blank_id: column of the blank.
        options: width of the search.
        scorers: what else decides, added to the acoustic score of a prefix.
    """
    options = options or BeamOptions()
    tree = _PrefixTree(scorers, options.length_bonus, log_probs.shape[1])
    beam: list[_Entry] = [(-0.0, 0, 0.0, _NEVER)]
    for step in _steps(log_probs, blank_id, options):
        reached = _advance(beam, step, tree, options.margin)
        least = min(reached)[0] + options.margin
        beam = sorted([entry for entry in reached if entry[0] <= least])[: options.beam]
    found = [
        PrefixHypothesis(tree.ids(node), _add(blank, token), tree.finished(node)) for _, node, blank, token in beam
    ]
    return nlargest(options.n_best, found, key=lambda hypothesis: hypothesis.score)


def _advance(beam: list[_Entry], step: _Step, tree: _PrefixTree, margin: float) -> list[_Entry]:
    """Every prefix that one step leads to, in any order, but none that is sure to be behind by more than the margin.

    beam: best first.
    """
    priors, last_tokens = tree.priors, tree.tokens
    step_blank, candidates, log_probs = step.blank, step.tokens, dict(step.tokens)
    least = step.peak - beam[0][0] - margin
    stays: dict[int, tuple[float, float]] = {}
    """Log-probabilities of the prefixes of the beam: of alignments that end in a blank, and in the last token."""
    parents: list[int] = []
    added: list[int] = []
    arrivals: list[float] = []
    for cost, node, blank, token in beam:
        score, prior = -cost, priors[node]
        total = score - prior
        last = last_tokens[node]
        # Without a blank between them, two equal tokens are one; with a blank they are two.
        stays[node] = (total + step_blank, token + log_probs[last] if last in log_probs else _NEVER)
        for candidate, log_prob in candidates:
            if score + log_prob < least:
                break
            came = total + log_prob
            if candidate == last:
                came = blank + log_prob
                if blank == _NEVER or came + prior < least:
                    continue
            parents.append(node)
            added.append(candidate)
            arrivals.append(came)
    children = tree.grow(parents, added)
    for child, came in zip(children, arrivals, strict=True):
        if child in stays:
            blank, token = stays[child]
            stays[child] = (blank, _add(token, came))
    reached = [(-(_add(*ends) + priors[node]), node, *ends) for node, ends in stays.items()]
    least = -min(reached)[0] - margin
    reached += [
        (-(came + priors[child]), child, _NEVER, came)
        for child, came in zip(children, arrivals, strict=True)
        if came + priors[child] >= least and child not in stays
    ]
    return reached


def _steps(log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions) -> list[_Step]:
    """The steps with what is worth considering; runs of blank ones are one step."""
    blanks = log_probs[:, blank_id].astype(np.float64)
    skipped = blanks > math.log(options.blank_skip) if options.blank_skip < 1 else np.zeros(len(blanks), bool)
    searched = iter(_candidates(log_probs[~skipped], blank_id, options))
    steps: list[_Step] = []
    run: float | None = None
    for is_skipped, blank in zip(skipped.tolist(), blanks.tolist(), strict=True):
        if is_skipped:
            run = (run or 0.0) + blank
            continue
        if run is not None:
            steps.append(_Step(run, ()))
            run = None
        steps.append(_Step(blank, next(searched)))
    if run is not None:
        steps.append(_Step(run, ()))
    return steps


def _candidates(
    log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions
) -> list[tuple[tuple[int, float], ...]]:
    """The tokens worth considering at every step, with their log-probabilities, the most probable first."""
    is_wanted = log_probs >= options.min_log_prob
    is_wanted[:, blank_id] = False
    steps, ids = np.nonzero(is_wanted)
    values = log_probs[steps, ids]
    order = np.lexsort((-values, steps))
    pairs = list(zip(ids[order].tolist(), values[order].tolist(), strict=True))
    edges = [0, *np.cumsum(np.count_nonzero(is_wanted, axis=1)).tolist()]
    count = options.tokens_per_step
    return [tuple(pairs[start : min(end, start + count)]) for start, end in pairwise(edges)]


def _add(one: float, other: float) -> float:
    """ln(e^one + e^other)."""
    if other == _NEVER:
        return one
    if one < other:
        return other if one == _NEVER else other + math.log1p(math.exp(one - other))
    return one + math.log1p(math.exp(other - one))
