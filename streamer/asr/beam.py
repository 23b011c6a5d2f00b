"""CTC prefix beam search: the most probable token sequences, each over all of its alignments.

Every prefix keeps two log-probabilities, of its alignments that end in a blank and of those that end in its last token
(Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs").
Prefixes are nodes of a tree, so that alignments that meet in one prefix are added without comparing sequences. All
prefixes take a step at once, each with every token: as one matrix.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.asr.scorers import WeightedScorer

_Ids = npt.NDArray[np.int64]
_Scores = npt.NDArray[np.float64]


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


class PrefixHypothesis(NamedTuple):
    """A token sequence that the search ended with; a tuple, because every utterance makes a hundred."""

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
    """What the search considers at one step."""

    blank: float
    tokens: _Ids
    """(tokens,) the most probable first; none where all that is left is blank."""
    log_probs: _Scores
    """(tokens,)"""
    pause: float | None = None
    """Of the blank steps before it, together; None where there are none."""


class _Prefixes(NamedTuple):
    """Some prefixes: those of the beam, best first, or those that they become. A column is a prefix."""

    ids: _Ids
    """Rows: its node in the tree, or −2 − key where it may be new; the node of what it was before its newest token, and
    that token, both −1 for the empty prefix; its state for each scorer."""
    log_probs: _Scores
    """Rows: of its alignments that end in a blank; of those that end in its newest token; what scorers and length bonus
    added."""


class _Search:
    """The search through one utterance, and the tree of all prefixes that it followed; node 0 is the empty one."""

    def __init__(self, options: BeamOptions, scorers: Sequence[WeightedScorer], columns: int) -> None:
        self._options = options
        self._scorers = scorers
        self._columns = columns
        self._nodes: dict[int, int] = {}
        """Nodes, counted from 1, by parent × columns + token: a prefix that comes back is the same as before."""

    def start(self) -> _Prefixes:
        """Nothing was said yet."""
        ids = np.array([[0], [-1], [-1], *[[each.scorer.start()] for each in self._scorers]])
        return _Prefixes(ids, np.array([[0.0], [-np.inf], [0.0]]))

    def advance(self, beam: _Prefixes, step: _Step) -> _Prefixes:
        """The beam after one more step."""
        nodes, parents, last = beam.ids[:3]
        blanks, ends, priors = beam.log_probs
        total = np.logaddexp(blanks, ends)
        if step.pause is not None:
            # After a blank nothing ends in its newest token.
            total += step.pause
            blanks, ends = total, np.full_like(ends, -np.inf)
        if not len(step.tokens):
            return _Prefixes(beam.ids, np.stack([total + step.blank, np.full_like(ends, -np.inf), priors]))
        # Without a blank between them, two equal tokens are one; with a blank they are two.
        is_last = last[:, None] == step.tokens
        repeated = is_last.argmax(axis=1)
        repeats = step.tokens[repeated] == last
        if step.pause is None:
            arriving = np.where(is_last, blanks[:, None], total[:, None]) + step.log_probs
            ends = ends + np.where(repeats, step.log_probs[repeated], -np.inf)
        else:
            arriving = total[:, None] + step.log_probs
        # What is behind the best prefix by more than the margin before its new token is judged is not looked at.
        best = total[0] + priors[0] + max(step.blank, float(step.log_probs[0]))
        arriving[arriving + priors[:, None] < best - self._options.margin] = -np.inf
        # What arrives at a prefix that is in the beam itself is one with it.
        longer, shorter = ((parents[:, None] == nodes) & repeats[:, None]).nonzero()
        if len(longer):
            token = repeated[longer]
            ends[longer] = np.logaddexp(ends[longer], arriving[shorter, token])
            arriving[shorter, token] = -np.inf
        return self._followed(beam, step, np.stack([total + step.blank, ends]), arriving)

    def hypotheses(self, beam: _Prefixes) -> list[PrefixHypothesis]:
        """What the beam holds at the end of the sound, best first."""
        nodes, _, _, *states = beam.ids
        blanks, ends, priors = beam.log_probs
        acoustic, priors = np.logaddexp(blanks, ends), priors.copy()
        for known, each in zip(states, self._scorers, strict=True):
            priors += each.weight * each.scorer.finish(known)
        order = (-acoustic - priors).argsort(kind="stable")[: self._options.n_best]
        columns = self._written(nodes[order].tolist()), acoustic[order].tolist(), priors[order].tolist()
        return [PrefixHypothesis(*each) for each in zip(*columns, strict=True)]

    def _followed(self, beam: _Prefixes, step: _Step, stays: _Scores, arriving: _Scores) -> _Prefixes:
        """The best of all prefixes that are reached: those of the beam, and those with one more token.

        Args:
            beam: before the step.
            step: what it considers.
            stays: (2, prefixes) log-probabilities of the beam's own prefixes that end in a blank, and in their token.
            arriving: (prefixes, tokens) of a prefix with one more token; minus infinity where there is none.
        """
        which, token = (arriving > -np.inf).nonzero()
        known, tokens, count = beam.ids[:, which], step.tokens[token], stays.shape[1]
        ids = np.concatenate([beam.ids, known], axis=1)
        ids[0, count:], ids[1, count:], ids[2, count:] = -2 - (known[0] * self._columns + tokens), known[0], tokens
        log_probs = np.full((3, ids.shape[1]), -np.inf)
        log_probs[:2, :count], log_probs[2, :count] = stays, beam.log_probs[2]
        log_probs[1, count:] = arriving[which, token]
        added = beam.log_probs[2, which] + self._options.length_bonus
        for place, each in enumerate(self._scorers, start=3):
            ids[place, count:], scores = each.scorer.extend(known[place], tokens)
            added += each.weight * scores
        log_probs[2, count:] = added
        costs = -np.logaddexp(log_probs[0], log_probs[1]) - log_probs[2]
        near = (costs <= costs.min() + self._options.margin).nonzero()[0]
        best = near[costs[near].argsort(kind="stable")[: self._options.beam]]
        return _Prefixes(self._with_nodes(ids[:, best]), log_probs[:, best])

    def _with_nodes(self, ids: _Ids) -> _Ids:
        """The new prefixes among these with their nodes."""
        nodes = self._nodes
        new = (ids[0] < 0).nonzero()[0]
        ids[0, new] = [nodes.setdefault(key, len(nodes) + 1) for key in (-2 - ids[0, new]).tolist()]
        return ids

    def _written(self, nodes: list[int]) -> list[tuple[int, ...]]:
        """Prefixes written out."""
        keys = list(self._nodes)
        written: dict[int, tuple[int, ...]] = {0: ()}
        for each in nodes:
            way, node = [], each
            while node not in written:
                way.append(node)
                node = keys[node - 1] // self._columns
            for longer in reversed(way):
                written[longer] = (*written[node], keys[longer - 1] % self._columns)
                node = longer
        return [written[each] for each in nodes]


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
    search = _Search(options, scorers, log_probs.shape[1])
    beam = search.start()
    for step in _steps(log_probs, blank_id, options):
        beam = search.advance(beam, step)
    return search.hypotheses(beam)


def _steps(log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions) -> list[_Step]:
    """The steps with what is worth considering; runs of blank ones belong to the step after them."""
    blanks = log_probs[:, blank_id].astype(np.float64)
    skipped = blanks > math.log(options.blank_skip) if options.blank_skip < 1 else np.zeros(len(blanks), bool)
    searched = iter(_candidates(log_probs[~skipped], blank_id, options))
    steps: list[_Step] = []
    pause: float | None = None
    for is_skipped, blank in zip(skipped.tolist(), blanks.tolist(), strict=True):
        if is_skipped:
            pause = (pause or 0.0) + blank
        else:
            steps.append(_Step(blank, *next(searched), pause))
            pause = None
    if pause is not None:
        steps.append(_Step(pause, np.empty(0, np.int64), np.empty(0)))
    return steps


def _candidates(log_probs: npt.NDArray[np.float32], blank_id: int, options: BeamOptions) -> list[tuple[_Ids, _Scores]]:
    """The tokens worth considering at every step, with their log-probabilities, the most probable first."""
    is_wanted = log_probs >= options.min_log_prob
    is_wanted[:, blank_id] = False
    steps, ids = np.divmod(np.flatnonzero(is_wanted), log_probs.shape[1])
    values = log_probs[steps, ids].astype(np.float64)
    order = np.lexsort((-values, steps))
    ids, values = ids[order], values[order]
    edges = np.searchsorted(steps, np.arange(len(log_probs) + 1)).tolist()
    stops = [(start, min(end, start + options.tokens_per_step)) for start, end in pairwise(edges)]
    return [(ids[start:stop], values[start:stop]) for start, stop in stops]
