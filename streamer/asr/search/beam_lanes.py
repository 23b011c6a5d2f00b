"""Beam searches through several utterances side by side: what a step costs hardly depends on how many prefixes it has.

Every utterance has a lane: its prefixes follow each other in one beam.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from streamer.asr.search.beam import IMPOSSIBLE, MANY, Prefixes, Search, beam_search
from streamer.asr.search.beam_steps import BeamOptions, Ids, Scores, Step, steps_of
from streamer.asr.search.lattice import Lattice
from streamer.asr.search.scorers import WeightedScorer

_NO_TOKEN = -2
"""Stands where an utterance considers fewer tokens than another; −1 is the newest token of an empty prefix."""


class _Lanes(Search):
    """The search through several utterances."""

    def __init__(
        self, options: BeamOptions, scorers: Sequence[WeightedScorer], columns: int, bonuses: Sequence[float]
    ) -> None:
        """``bonuses``: of each utterance, instead of the options' for all."""
        super().__init__(options, scorers, len(bonuses))
        self._columns = columns
        self._bonuses = np.array(bonuses)

    def advance_all(self, beam: Prefixes, steps: Sequence[Step]) -> Prefixes:
        """The beam after a step of each utterance in it."""
        if any(step.pause is not None for step in steps):
            beam = self._all_paused(beam, np.array([np.nan if step.pause is None else step.pause for step in steps]))
        lanes, width = beam.ids[3], max(len(step.tokens) for step in steps)
        tokens, log_probs = np.full((len(steps), width), _NO_TOKEN), np.full((len(steps), width), -np.inf)
        for row, step in enumerate(steps):
            tokens[row, : len(step.tokens)], log_probs[row, : len(step.tokens)] = step.tokens, step.log_probs
        blanks = np.array([step.blank for step in steps])
        return self.advance(beam, Step(blanks[lanes], tokens, log_probs))

    def _all_paused(self, beam: Prefixes, pauses: Scores) -> Prefixes:
        """The beam after a pause of each utterance in it; not a number where there is none."""
        blanks, ends, priors = beam.log_probs
        own = pauses[beam.ids[3]]
        is_paused = ~np.isnan(own)
        rested = np.where(is_paused, np.logaddexp(blanks, ends) + own, blanks)
        log_probs = np.stack([rested, np.where(is_paused, -np.inf, ends), priors])
        is_merged = is_paused & (np.bincount(beam.ids[3]) > MANY)[beam.ids[3]]
        return self._merged(beam._replace(log_probs=log_probs), np.where(is_merged, -1, np.arange(len(own))))

    def _bounds(self, beam: Prefixes, total: Scores, step: Step) -> tuple[list[int], Scores]:
        # Lanes ascend from 0, and none is empty.
        lanes = beam.ids[3]
        edges: list[int] = lanes.searchsorted(np.arange(lanes[-1] + 2)).tolist()
        firsts = edges[:-1]
        best = (total + beam.log_probs[2])[firsts] + np.maximum(np.asarray(step.blank)[firsts], step.log_probs[:, 0])
        return edges, np.maximum(best - self._options.margin, IMPOSSIBLE)[lanes]

    def _bonus(self, ids: Ids, counts: Ids) -> Scores:
        bonuses: Scores = self._bonuses[ids[3]].repeat(counts)
        return bonuses

    def _repeats(self, ids: Ids, step: Step) -> tuple[Ids, Ids]:
        # Where each utterance's tokens are in the step; two columns in front for what stands where there is none.
        places = np.full((len(step.tokens), 2 + self._columns), -1, np.int16)
        places[np.arange(len(places))[:, None], step.tokens + 2] = np.arange(step.tokens.shape[1])
        found = places[ids[3], ids[2] + 2]
        repeats = ((found >= 0) & (ids[2] >= 0)).nonzero()[0]
        return repeats, found[repeats]

    def _heard(self, ids: Ids, step: Step, prefixes: Ids, tokens: Ids) -> Scores:
        heard: Scores = step.log_probs[ids[3, prefixes], tokens]
        return heard

    def _met(self, ids: Ids, some: Ids) -> tuple[Ids, Ids]:
        order = ids[0].argsort()
        numbers, wanted = ids[0, order], ids[1, some]
        places = np.minimum(numbers.searchsorted(wanted), len(order) - 1)
        met = (numbers[places] == wanted).nonzero()[0]
        return met, order[places[met]]


def beam_searches(
    utterances: Sequence[npt.NDArray[np.float32]],
    blank_id: int,
    options: BeamOptions,
    scorers: Sequence[WeightedScorer] = (),
    prior: npt.NDArray[np.float32] | None = None,
    bonuses: Sequence[float] | None = None,
) -> list[Lattice]:
    """As :func:`~streamer.asr.search.beam.beam_search` of each utterance, several in less than half of the time.

    Args:
        utterances: log-probabilities of each.
        blank_id: column of the blank.
        options: width of the search.
        scorers: what else decides.
        prior: ``(columns,)`` subtracted from the log-probabilities.
        bonuses: the length bonus of each utterance; None: that of the options.
    """
    bonuses = [options.length_bonus] * len(utterances) if bonuses is None else bonuses
    if len(utterances) < 2:
        return [
            beam_search(each, blank_id, replace(options, length_bonus=bonus), scorers, prior)
            for each, bonus in zip(utterances, bonuses, strict=True)
        ]
    steps = [steps_of(each, blank_id, options, prior) for each in utterances]
    # Those with the most steps first: those that go on are always the first lanes.
    order = sorted(range(len(steps)), key=lambda each: -len(steps[each]))
    search = _Lanes(options, scorers, utterances[0].shape[1], [bonuses[each] for each in order])
    ended: dict[int, Prefixes] = {}
    beam, number = search.start(), 0
    while order:
        while order and len(steps[order[-1]]) == number:
            first = int(np.searchsorted(beam.ids[3], len(order) - 1))
            ended[order.pop()] = Prefixes(beam.ids[:, first:], beam.log_probs[:, first:])
            beam = Prefixes(beam.ids[:, :first], beam.log_probs[:, :first])
        if order:
            beam = search.advance_all(beam, [steps[each][number] for each in order])
            number += 1
    arcs = search.arcs()
    return [search.lattice(ended[each], arcs) for each in range(len(utterances))]
