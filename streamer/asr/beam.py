"""CTC prefix beam search: the most probable token sequences, each over all of its alignments.

Every prefix keeps two log-probabilities, of its alignments that end in a blank and of those that end in its last token
(Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs").
Prefixes are nodes of a tree, so that alignments that meet in one prefix are added without comparing sequences. All
prefixes take a step at once, each with every token: as one matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from streamer.asr.beam_steps import BeamOptions, Ids, Scores, Step, steps_of
from streamer.asr.scorers import WeightedScorer

__all__ = ["BeamOptions", "PrefixHypothesis", "Prefixes", "Search", "beam_search"]

_Value = TypeVar("_Value", bound=np.generic)


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


class Prefixes(NamedTuple):
    """Some prefixes: those of the beam, best first, or those that they become. A column is a prefix."""

    ids: Ids
    """Rows: its node in the tree, or −2 − key where it may be new; the node of what it was before its newest token, and
    that token, both −1 for the empty prefix; its utterance, where several are searched; its state for each scorer."""
    log_probs: Scores
    """Rows: of its alignments that end in a blank; of those that end in its newest token; what scorers and length bonus
    added."""


class Search:
    """The search through one utterance, and the tree of all prefixes that it followed; node 0 is the empty one.

    What depends on the utterance of a prefix is in the methods at the end: :mod:`streamer.asr.beam_lanes` searches
    several at once.
    """

    def __init__(self, options: BeamOptions, scorers: Sequence[WeightedScorer], columns: int, roots: int = 1) -> None:
        self._options = options
        self._scorers = scorers
        self._columns = columns
        self._roots = roots
        """The first nodes, the empty prefix of each utterance."""
        self._nodes: dict[int, int] = {}
        """The other nodes by parent × columns + token: a prefix that comes back is the same as before."""
        self._keys: list[int] = []
        """Their keys in order, as far as they were asked for."""

    def start(self) -> Prefixes:
        """Nothing was said yet."""
        every, zero = np.arange(self._roots), np.zeros(self._roots)
        none = np.full_like(every, -1)
        states = [np.full_like(every, each.scorer.start()) for each in self._scorers]
        return Prefixes(np.stack([every, none, none, every, *states]), np.stack([zero, zero - np.inf, zero]))

    def advance(self, beam: Prefixes, step: Step) -> Prefixes:
        """The beam after one more step."""
        blanks, ends, priors = beam.log_probs
        total = np.logaddexp(blanks, ends)
        if step.pause is not None:
            # After a blank nothing ends in its newest token.
            total, blanks, ends = self._paused(total, blanks, ends, step.pause)
        stays = np.empty((2, len(total)))
        np.add(total, step.blank, out=stays[0])
        stays[1] = -np.inf
        if not step.tokens.shape[-1]:
            return Prefixes(beam.ids, np.concatenate([stays, priors[None]]))
        # Without a blank between them, two equal tokens are one; with a blank they are two.
        is_last = beam.ids[2][:, None] == step.tokens
        arriving = np.where(is_last, blanks[:, None], total[:, None]) + step.log_probs
        # What is behind the best prefix by more than the margin before its new token is judged is not looked at.
        arriving[arriving + priors[:, None] < self._least(beam, total, step)] = -np.inf
        repeats, token = is_last.nonzero()
        if len(repeats):
            stays[1, repeats] = ends[repeats] + self._of(step.log_probs, repeats, token)
            # What arrives at a prefix that is in the beam itself is one with it.
            met, shorter = self._met(beam.ids, repeats)
            if len(met):
                longer, token = repeats[met], token[met]
                stays[1, longer] = np.logaddexp(stays[1, longer], arriving[shorter, token])
                arriving[shorter, token] = -np.inf
        return self._followed(beam, step, stays, arriving)

    def hypotheses(self, beam: Prefixes) -> list[PrefixHypothesis]:
        """What the beam of an utterance holds at the end of its sound, best first."""
        nodes, _, _, _, *states = beam.ids
        blanks, ends, priors = beam.log_probs
        acoustic, priors = np.logaddexp(blanks, ends), priors.copy()
        for known, each in zip(states, self._scorers, strict=True):
            priors += each.weight * each.scorer.finish(known)
        order = (-acoustic - priors).argsort(kind="stable")[: self._options.n_best]
        columns = self._written(nodes[order].tolist()), acoustic[order].tolist(), priors[order].tolist()
        return [PrefixHypothesis(*each) for each in zip(*columns, strict=True)]

    def _followed(self, beam: Prefixes, step: Step, stays: Scores, arriving: Scores) -> Prefixes:
        """The best of all prefixes that are reached: those of the beam, and those with one more token.

        Args:
            beam: before the step.
            step: what it considers.
            stays: (2, prefixes) log-probabilities of the beam's own prefixes that end in a blank, and in their token.
            arriving: (prefixes, tokens) of a prefix with one more token; minus infinity where there is none.
        """
        which, token = (arriving > -np.inf).nonzero()
        known, tokens, count = beam.ids[:, which], self._of(step.tokens, which, token), stays.shape[1]
        ids = np.concatenate([beam.ids, known], axis=1)
        ids[0, count:], ids[1, count:], ids[2, count:] = -2 - (known[0] * self._columns + tokens), known[0], tokens
        log_probs = np.full((3, ids.shape[1]), -np.inf)
        log_probs[:2, :count], log_probs[2, :count] = stays, beam.log_probs[2]
        log_probs[1, count:] = arriving[which, token]
        added = beam.log_probs[2, which] + self._bonus(beam.ids, which)
        for place, each in enumerate(self._scorers, start=4):
            ids[place, count:], scores = each.scorer.extend(known[place], tokens)
            added += each.weight * scores
        log_probs[2, count:] = added
        best = self._best(ids, -np.logaddexp(log_probs[0], log_probs[1]) - log_probs[2])
        return Prefixes(self._with_nodes(ids[:, best]), log_probs[:, best])

    def _with_nodes(self, ids: Ids) -> Ids:
        """The new prefixes among these with their nodes."""
        nodes, roots = self._nodes, self._roots
        new = (ids[0] < 0).nonzero()[0]
        ids[0, new] = [nodes.setdefault(key, len(nodes) + roots) for key in (-2 - ids[0, new]).tolist()]
        return ids

    def _written(self, nodes: list[int]) -> list[tuple[int, ...]]:
        """Prefixes written out."""
        if len(self._keys) < len(self._nodes):
            self._keys = list(self._nodes)
        keys = self._keys
        written: dict[int, tuple[int, ...]] = dict.fromkeys(range(self._roots), ())
        for each in nodes:
            way, node = [], each
            while node not in written:
                way.append(node)
                node = keys[node - self._roots] // self._columns
            for longer in reversed(way):
                written[longer] = (*written[node], keys[longer - self._roots] % self._columns)
                node = longer
        return [written[each] for each in nodes]

    def _paused(
        self, total: Scores, blanks: Scores, ends: Scores, pause: float | Scores
    ) -> tuple[Scores, Scores, Scores]:
        """Log-probabilities of prefixes after a pause: in all, of what ends in a blank, of what ends in a token."""
        del blanks
        total += pause
        return total, total, np.full_like(ends, -np.inf)

    def _least(self, beam: Prefixes, total: Scores, step: Step) -> float | Scores:
        """The score below which no prefix is followed; a column where it is not the same for all."""
        best = float(total[0] + beam.log_probs[2, 0])
        return best + max(float(step.blank), float(step.log_probs[0])) - self._options.margin

    def _bonus(self, ids: Ids, some: Ids) -> float | Scores:
        """What some prefixes gain with every token."""
        del ids, some
        return self._options.length_bonus

    def _of(self, values: npt.NDArray[_Value], prefixes: Ids, places: Ids) -> npt.NDArray[_Value]:
        """What a step holds at its places for some prefixes."""
        del prefixes
        return values[places]

    def _met(self, ids: Ids, some: Ids) -> tuple[Ids, Ids]:
        """Which of some prefixes are one token longer than another one, and than which."""
        longer, shorter = (ids[1, some][:, None] == ids[0]).nonzero()
        return longer, shorter

    def _best(self, ids: Ids, costs: Scores) -> Ids:
        """Which prefixes are the next beam, best first."""
        del ids
        near: Ids = (costs <= costs.min() + self._options.margin).nonzero()[0]
        return near[costs[near].argsort(kind="stable")[: self._options.beam]]


def beam_search(
    log_probs: npt.NDArray[np.float32],
    blank_id: int,
    options: BeamOptions | None = None,
    scorers: Sequence[WeightedScorer] = (),
    prior: npt.NDArray[np.float32] | None = None,
) -> list[PrefixHypothesis]:
    """The best token sequences, best first; at least one (the empty one where nothing was said).

    Args:
        log_probs: ``(steps, columns)``; natural logarithms, a column a token and one for the blank.
        blank_id: column of the blank.
        options: width of the search.
        scorers: what else decides, added to the acoustic score of a prefix.
        prior: ``(columns,)`` subtracted from the log-probabilities, 0 for the blank; None: nothing.
    """
    options = options or BeamOptions()
    search = Search(options, scorers, log_probs.shape[1])
    beam = search.start()
    for step in steps_of(log_probs, blank_id, options, prior):
        beam = search.advance(beam, step)
    return search.hypotheses(beam)
