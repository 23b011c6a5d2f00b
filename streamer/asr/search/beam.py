"""CTC prefix beam search: the most probable token sequences, each over all of its alignments.

Every prefix keeps two log-probabilities, of its alignments that end in a blank and of those that end in its last token
(Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs").
Prefixes have numbers that follow from their tokens, so that alignments that meet in one prefix are added without
comparing sequences. All prefixes take a step at once, each with every token that is worth it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.asr.search.beam_reach import Reached
from streamer.asr.search.beam_steps import BeamOptions, Ids, Scores, Step, steps_of
from streamer.asr.search.lattice import SPREAD, Arcs, Lattice, Trace, alike
from streamer.asr.search.scorers import WeightedScorer

__all__ = ["MANY", "BeamOptions", "Prefixes", "Search", "beam_search"]

IMPOSSIBLE = float(np.finfo(np.float64).min)
"""What is less than this is minus infinity."""
MANY = 16
"""Prefixes from which it is worth while to see whether some of them have the same future."""
_NODE, _STATES = 4, 5
"""Rows of what is known of prefixes."""


class Prefixes(NamedTuple):
    """Some prefixes: those of the beam, best first, or those that they become. A column is a prefix."""

    ids: Ids
    """Rows: its number; the number of what it was before its newest token, and that token, both −1 for the empty one;
    its utterance, where several are searched; its node in the lattice; its state for each scorer."""
    log_probs: Scores
    """Rows: of its alignments that end in a blank; of those that end in its newest token; what scorers and length bonus
    added."""


class Search:
    """The search through one utterance.

    What depends on the utterance of a prefix is in the methods at the end:
    :mod:`streamer.asr.search.beam_lanes` searches several at once.
    """

    def __init__(self, options: BeamOptions, scorers: Sequence[WeightedScorer], roots: int = 1) -> None:
        self._options = options
        self._scorers = scorers
        self._roots = roots
        """How many utterances there are."""
        self._trace = Trace(roots)

    def start(self) -> Prefixes:
        """Nothing was said yet."""
        every, zero = np.arange(self._roots), np.zeros(self._roots)
        none = np.full_like(every, -1)
        states = [np.full_like(every, each.scorer.start()) for each in self._scorers]
        ids = np.stack([every * SPREAD, none, none, every, every, *states])
        return Prefixes(ids, np.stack([zero, zero - np.inf, zero]))

    def advance(self, beam: Prefixes, step: Step) -> Prefixes:
        """The beam after one more step, and the pause before it."""
        if step.pause is not None:
            beam = self._paused(beam, step.pause)
        blanks, ends, priors = beam.log_probs
        total = np.logaddexp(blanks, ends)
        stays = np.empty((3, len(total)))
        np.add(total, step.blank, out=stays[0])
        stays[1], stays[2] = -np.inf, priors
        if not step.tokens.shape[-1]:
            return beam._replace(log_probs=stays)
        edges, least = self._bounds(beam, total, step)
        reached = Reached(beam.ids[3], edges, step, total, priors, least)
        # Without a blank between them, two equal tokens are one; with a blank they are two.
        repeats, tokens = self._repeats(beam.ids, step)
        if len(repeats):
            heard = self._heard(beam.ids, step, repeats, tokens)
            stays[1, repeats] = ends[repeats] + heard
            reached.replace(repeats, tokens, blanks[repeats] + heard)
            # What arrives at a prefix that is in the beam itself is one with it.
            met, shorter = self._met(beam.ids, repeats)
            if len(met):
                longer = repeats[met]
                stays[1, longer] = np.logaddexp(stays[1, longer], reached.take(shorter, tokens[met]))
        return self._followed(beam, stays, reached)

    def arcs(self) -> Arcs:
        """How all prefixes arose, once every sound has ended."""
        return self._trace.arcs()

    def lattice(self, beam: Prefixes, arcs: Arcs) -> Lattice:
        """What the beam of an utterance holds at the end of its sound."""
        blanks, ends, priors = beam.log_probs
        scores = np.logaddexp(blanks, ends) + priors
        for known, each in zip(beam.ids[_STATES:], self._scorers, strict=True):
            scores += each.weight * each.scorer.finish(known)
        order = (-scores).argsort(kind="stable")
        return Lattice(arcs, tuple(zip(beam.ids[_NODE, order].tolist(), scores[order].tolist(), strict=True)))

    def _followed(self, beam: Prefixes, stays: Scores, reached: Reached) -> Prefixes:
        """The best of all prefixes that are reached: those of the beam, and those with one more token.

        Args:
            beam: before the step.
            stays: what the log-probabilities of the beam's own prefixes become.
            reached: those with one more token.
        """
        count = stays.shape[1]
        added = reached.priors + self._bonus(beam.ids, reached.counts)
        states = []
        for known, each in zip(beam.ids[_STATES:], self._scorers, strict=True):
            after, scores, places = reached.scored(known, each.scorer)
            added += (each.weight * scores).take(places)
            states.append((after, places))
        options = self._options
        scores = np.logaddexp(stays[0], stays[1]) + stays[2]
        best = reached.best(scores, reached.arriving + added, options.beam, options.margin)
        new = (best >= count).nonzero()[0]
        some = best[new] - count
        best[new], tokens = reached.of(some)
        ids, log_probs = beam.ids[:, best], stays[:, best]
        numbers = ids[0, new]
        ids[0, new], ids[1, new], ids[2, new] = numbers * SPREAD + (tokens + 1), numbers, tokens
        log_probs[0, new], log_probs[1, new], log_probs[2, new] = -np.inf, reached.arriving[some], added[some]
        for place, (after, places) in enumerate(states, start=_STATES):
            ids[place, new] = after[places[some]]
        ids[_NODE, new] = self._trace.note(np.ones_like(new), ids[_NODE, new], tokens, np.zeros(len(new)))
        return Prefixes(ids, log_probs)

    def _paused(self, beam: Prefixes, pause: float) -> Prefixes:
        """The beam after a pause: nothing ends in its newest token then."""
        blanks, ends, priors = beam.log_probs
        rested = np.logaddexp(blanks, ends) + pause
        beam = beam._replace(log_probs=np.stack([rested, np.full_like(rested, -np.inf), priors]))
        return self._merged(beam) if len(rested) > MANY else beam

    def _merged(self, beam: Prefixes, apart: Ids | None = None) -> Prefixes:
        """The beam without prefixes that have the same future as a better one, which stands for both at a new node.

        In a pause all of them end in a blank, so that what follows makes all equally more or less probable. What still
        arrives at one that is left out, from a shorter prefix, begins a way of its own.

        Args:
            beam: after a pause, the better ones first.
            apart: (prefixes,) not the same where prefixes are not to be merged; None: all may be.
        """
        if not self._options.merge:
            return beam
        ids = beam.ids
        rows = (ids[2], ids[3], *ids[_STATES:])
        best = alike(rows if apart is None else (*rows, apart))
        counts = np.bincount(best, minlength=len(best))
        met = (counts[best] > 1).nonzero()[0]
        if not len(met):
            return beam
        met, counts = met[best[met].argsort(kind="stable")], counts[counts > 1]
        scores = np.maximum(beam.log_probs[0] + beam.log_probs[2], IMPOSSIBLE)
        nodes = ids[_NODE].copy()
        nodes[best[met]] = self._trace.note(
            counts, nodes[met], np.full_like(met, -1), scores[met] - scores[best[met]]
        ).repeat(counts)
        is_kept = best == np.arange(len(best))
        ids = ids[:, is_kept]
        ids[_NODE] = nodes[is_kept]
        return Prefixes(ids, beam.log_probs[:, is_kept])

    def _bounds(self, beam: Prefixes, total: Scores, step: Step) -> tuple[list[int], float | Scores]:
        """Where utterances begin in the beam, and where it ends; and the finite score below which nothing is followed.

        Of each prefix where that is not the same for all.
        """
        best = float(total[0] + beam.log_probs[2, 0]) + max(float(step.blank), float(step.log_probs[0]))
        return [0, len(total)], max(best - self._options.margin, IMPOSSIBLE)

    def _bonus(self, ids: Ids, counts: Ids) -> float | Scores:
        """What prefixes gain with every token, each as often as it is counted."""
        del ids, counts
        return self._options.length_bonus

    def _repeats(self, ids: Ids, step: Step) -> tuple[Ids, Ids]:
        """Which prefixes may be followed by their newest token once more, and its place in the step."""
        repeats, places = (ids[2][:, None] == step.tokens).nonzero()
        return repeats, places

    def _heard(self, ids: Ids, step: Step, prefixes: Ids, tokens: Ids) -> Scores:
        """The log-probabilities of tokens at their places in the step, one for each of some prefixes."""
        del ids, prefixes
        heard: Scores = step.log_probs[tokens]
        return heard

    def _met(self, ids: Ids, some: Ids) -> tuple[Ids, Ids]:
        """Which of some prefixes are one token longer than another one, and than which."""
        longer, shorter = (ids[1, some][:, None] == ids[0]).nonzero()
        return longer, shorter


def beam_search(
    log_probs: npt.NDArray[np.float32],
    blank_id: int,
    options: BeamOptions | None = None,
    scorers: Sequence[WeightedScorer] = (),
    prior: npt.NDArray[np.float32] | None = None,
) -> Lattice:
    """The token sequences that an utterance may hold; at least one (the empty one where nothing was said).

    Args:
        log_probs: ``(steps, columns)``; natural logarithms, a column a token and one for the blank.
        blank_id: column of the blank.
        options: width of the search.
        scorers: what else decides, added to the acoustic score of a prefix.
        prior: ``(columns,)`` subtracted from the log-probabilities, 0 for the blank; None: nothing.
    """
    options = options or BeamOptions()
    search = Search(options, scorers)
    beam = search.start()
    for step in steps_of(log_probs, blank_id, options, prior):
        beam = search.advance(beam, step)
    return search.lattice(beam, search.arcs())
