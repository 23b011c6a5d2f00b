"""CTC prefix beam search: the most probable token sequences, each over all of its alignments.

Every prefix keeps two log-probabilities, of its alignments that end in a blank and of those that end in its last token
(Hannun et al. 2014, "First-pass large vocabulary continuous speech recognition using bi-directional recurrent DNNs").
Prefixes have numbers that follow from their tokens, so that alignments that meet in one prefix are added without
comparing sequences. All prefixes take a step at once, each with every token that is worth it.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from streamer.asr.beam_reach import Reached
from streamer.asr.beam_steps import BeamOptions, Ids, Scores, Step, steps_of
from streamer.asr.scorers import WeightedScorer

__all__ = ["BeamOptions", "PrefixHypothesis", "Prefixes", "Search", "beam_search"]

IMPOSSIBLE = float(np.finfo(np.float64).min)
"""What is less than this is minus infinity."""
_SPREAD = 6364136223846793005
"""A prefix's number × this + its new token is that of the longer one, 64 bits of it: that two of the ten thousand
prefixes of an utterance get the same is a matter of once in 10^11 utterances. (Knuth's multiplier.)"""


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
    """Rows: its number; the number of what it was before its newest token, and that token, both −1 for the empty one;
    its utterance, where several are searched; its state for each scorer."""
    log_probs: Scores
    """Rows: of its alignments that end in a blank; of those that end in its newest token; what scorers and length bonus
    added."""
    written: npt.NDArray[np.int32]
    """Here a row is a prefix: the token that it grew by at each step, −1 where by none."""


class Search:
    """The search through one utterance.

    What depends on the utterance of a prefix is in the methods at the end: :mod:`streamer.asr.beam_lanes` searches
    several at once.
    """

    def __init__(self, options: BeamOptions, scorers: Sequence[WeightedScorer], roots: int = 1) -> None:
        self._options = options
        self._scorers = scorers
        self._roots = roots
        """How many utterances there are."""

    def start(self) -> Prefixes:
        """Nothing was said yet."""
        every, zero = np.arange(self._roots), np.zeros(self._roots)
        none = np.full_like(every, -1)
        states = [np.full_like(every, each.scorer.start()) for each in self._scorers]
        ids, log_probs = np.stack([every * _SPREAD, none, none, every, *states]), np.stack([zero, zero - np.inf, zero])
        return Prefixes(ids, log_probs, np.empty((self._roots, 0), np.int32))

    def advance(self, beam: Prefixes, step: Step) -> Prefixes:
        """The beam after one more step."""
        blanks, ends, priors = beam.log_probs
        total = np.logaddexp(blanks, ends)
        if step.pause is not None:
            # After a blank nothing ends in its newest token.
            total, blanks, ends = self._paused(total, blanks, ends, step.pause)
        stays = np.empty((3, len(total)))
        np.add(total, step.blank, out=stays[0])
        stays[1], stays[2] = -np.inf, priors
        if not step.tokens.shape[-1]:
            return beam._replace(log_probs=stays)
        reached = Reached(beam.ids[3], self._edges(beam.ids), step, total, priors, self._least(beam, total, step))
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

    def hypotheses(self, beam: Prefixes) -> list[PrefixHypothesis]:
        """What the beam of an utterance holds at the end of its sound, best first."""
        states = beam.ids[4:]
        blanks, ends, priors = beam.log_probs
        acoustic, priors = np.logaddexp(blanks, ends), priors.copy()
        for known, each in zip(states, self._scorers, strict=True):
            priors += each.weight * each.scorer.finish(known)
        order = (-acoustic - priors).argsort(kind="stable")[: self._options.n_best]
        rows = beam.written[order]
        is_token = rows >= 0
        tokens, stops = rows[is_token].tolist(), is_token.sum(axis=1).cumsum().tolist()
        written = [tuple(tokens[start:stop]) for start, stop in pairwise([0, *stops])]
        columns = written, acoustic[order].tolist(), priors[order].tolist()
        return [PrefixHypothesis(*each) for each in zip(*columns, strict=True)]

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
        for known, each in zip(beam.ids[4:], self._scorers, strict=True):
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
        ids[0, new], ids[1, new], ids[2, new] = numbers * _SPREAD + (tokens + 1), numbers, tokens
        log_probs[0, new], log_probs[1, new], log_probs[2, new] = -np.inf, reached.arriving[some], added[some]
        for place, (after, places) in enumerate(states, start=4):
            ids[place, new] = after[places[some]]
        written = np.full((len(best), beam.written.shape[1] + 1), -1, np.int32)
        written[:, :-1], written[new, -1] = beam.written[best], tokens
        return Prefixes(ids, log_probs, written)

    def _paused(
        self, total: Scores, blanks: Scores, ends: Scores, pause: float | Scores
    ) -> tuple[Scores, Scores, Scores]:
        """Log-probabilities of prefixes after a pause: in all, of what ends in a blank, of what ends in a token."""
        del blanks
        total += pause
        return total, total, np.full_like(ends, -np.inf)

    def _least(self, beam: Prefixes, total: Scores, step: Step) -> float | Scores:
        """The score below which no prefix is followed, finite; of each where it is not the same for all."""
        best = float(total[0] + beam.log_probs[2, 0])
        return max(best + max(float(step.blank), float(step.log_probs[0])) - self._options.margin, IMPOSSIBLE)

    def _bonus(self, ids: Ids, counts: Ids) -> float | Scores:
        """What prefixes gain with every token, each as often as it is counted."""
        del ids, counts
        return self._options.length_bonus

    def _edges(self, ids: Ids) -> list[int]:
        """Where utterances begin in the beam, and where it ends."""
        return [0, ids.shape[1]]

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
    search = Search(options, scorers)
    beam = search.start()
    for step in steps_of(log_probs, blank_id, options, prior):
        beam = search.advance(beam, step)
    return search.hypotheses(beam)
