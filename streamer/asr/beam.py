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
from operator import attrgetter
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


@dataclass(frozen=True, slots=True)
class _Step:
    """What the search considers at one step, or at several blank ones together."""

    blank: float
    tokens: tuple[tuple[int, float], ...]
    """Ids and log-probabilities, the most probable first."""

    @property
    def peak(self) -> float:
        """The highest log-probability."""
        return max(self.blank, self.tokens[0][1]) if self.tokens else self.blank


class _Entry(NamedTuple):
    """A prefix in the beam: a named tuple, because thousands are made for an utterance."""

    score: float
    """Acoustic log-probability and prior."""
    node: int
    """Of the tree."""
    ends_blank: float
    """Log-probability of the alignments that end in a blank."""
    ends_token: float
    """Log-probability of the alignments that end in the last token."""


_score = attrgetter("score")


class _PrefixTree:
    """All prefixes seen so far; node 0 is the empty one."""

    def __init__(self, scorers: Sequence[WeightedScorer], length_bonus: float) -> None:
        self._scorers = scorers
        self._length_bonus = length_bonus
        self._parents = [-1]
        self._children: list[dict[int, int]] = [{}]
        self._states: list[tuple[Hashable, ...]] = [tuple(each.scorer.start() for each in scorers)]
        self.tokens = [-1]
        self.priors = [0.0]

    def grow(self, arrivals: list[tuple[int, int, float]]) -> None:
        """Make sure that all prefixes exist that arrivals lead to. Scorers see them all at once."""
        children = self._children
        fresh = [(node, token) for node, token, _ in arrivals if token not in children[node]]
        if not fresh:
            return
        priors = [self.priors[node] + self._length_bonus for node, _ in fresh]
        states: list[tuple[Hashable, ...]] = [()] * len(fresh)
        tokens = [token for _, token in fresh]
        for index, each in enumerate(self._scorers):
            after, scores = each.scorer.extend([self._states[node][index] for node, _ in fresh], tokens)
            priors = [prior + each.weight * score for prior, score in zip(priors, scores, strict=True)]
            states = [(*before, state) for before, state in zip(states, after, strict=True)]
        for node, token in fresh:
            self._children[node][token] = len(self._parents)
            self._parents.append(node)
            self._children.append({})
        self.tokens += tokens
        self.priors += priors
        self._states += states

    def child(self, node: int, token: int) -> int:
        """The prefix that is ``node`` with one more token; it has been grown."""
        return self._children[node][token]

    def finished(self, node: int) -> float:
        """Prior of a prefix that ends here."""
        ends = zip(self._scorers, self._states[node], strict=True)
        return self.priors[node] + sum(each.weight * each.scorer.finish(state) for each, state in ends)

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
    tree = _PrefixTree(scorers, options.length_bonus)
    beam = [_Entry(0.0, 0, 0.0, _NEVER)]
    for step in _steps(log_probs, blank_id, options):
        reached = _advance(beam, step, tree, options.margin)
        reached.sort(key=_score, reverse=True)
        least = reached[0].score - options.margin
        beam = [entry for entry in reached[: options.beam] if entry.score >= least]
    found = [
        PrefixHypothesis(tree.ids(entry.node), _add(entry.ends_blank, entry.ends_token), tree.finished(entry.node))
        for entry in beam
    ]
    return nlargest(options.n_best, found, key=lambda hypothesis: hypothesis.score)


def _advance(beam: list[_Entry], step: _Step, tree: _PrefixTree, margin: float) -> list[_Entry]:
    """Every prefix that one step leads to."""
    priors, tokens = tree.priors, tree.tokens
    ends_blank: dict[int, float] = {}
    ends_token: dict[int, float] = {}
    arrivals: list[tuple[int, int, float]] = []
    least = beam[0].score + step.peak - margin
    for score, node, blank, token in beam:
        total = score - priors[node]
        ends_blank[node] = total + step.blank
        last = tokens[node]
        for candidate, log_prob in step.tokens:
            if candidate == last:
                # Without a blank between them, two equal tokens are one; with a blank they are two.
                ends_token[node] = token + log_prob
                if blank != _NEVER and blank + priors[node] + log_prob >= least:
                    arrivals.append((node, candidate, blank + log_prob))
            elif score + log_prob >= least:
                arrivals.append((node, candidate, total + log_prob))
    tree.grow(arrivals)
    for node, candidate, came in arrivals:
        child = tree.child(node, candidate)
        known = ends_token.get(child)
        ends_token[child] = came if known is None else _add(known, came)
    reached = []
    for node in sorted(ends_blank.keys() | ends_token.keys()):
        blank, token = ends_blank.get(node, _NEVER), ends_token.get(node, _NEVER)
        reached.append(_Entry(_add(blank, token) + priors[node], node, blank, token))
    return reached


def _steps(log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions) -> list[_Step]:
    """The steps with what is worth considering; runs of blank ones are one step."""
    blanks = log_probs[:, blank_id].astype(np.float64)
    skipped = blanks > math.log(options.blank_skip) if options.blank_skip < 1 else np.zeros(len(blanks), bool)
    tokens_only = log_probs[~skipped].copy()
    tokens_only[:, blank_id] = -np.inf
    count = min(options.tokens_per_step, log_probs.shape[1] - 1)
    best = np.argpartition(tokens_only, -count, axis=1)[:, -count:] if count else np.empty((len(tokens_only), 0), int)
    best_log_probs = np.take_along_axis(tokens_only, best, axis=1)
    descending = np.argsort(-best_log_probs, axis=1, kind="stable")
    best, best_log_probs = (np.take_along_axis(each, descending, axis=1) for each in (best, best_log_probs))
    searched = iter(zip(best.tolist(), best_log_probs.tolist(), strict=True))
    steps: list[_Step] = []
    run: float | None = None
    for is_skipped, blank in zip(skipped.tolist(), blanks.tolist(), strict=True):
        if is_skipped:
            run = (run or 0.0) + blank
            continue
        if run is not None:
            steps.append(_Step(run, ()))
            run = None
        ids, values = next(searched)
        kept = tuple(pair for pair in zip(ids, values, strict=True) if pair[1] >= options.min_log_prob)
        steps.append(_Step(blank, kept))
    if run is not None:
        steps.append(_Step(run, ()))
    return steps


def _add(one: float, other: float) -> float:
    """ln(e^one + e^other)."""
    if one < other:
        one, other = other, one
    if other == _NEVER:
        return one
    return one + math.log1p(math.exp(other - one))
