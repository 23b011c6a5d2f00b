"""Beam searches through several utterances side by side: what a step costs hardly depends on how many prefixes it has.

Every utterance has a lane: its prefixes follow each other in one beam, in a tree with a root of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from streamer.asr.beam import Prefixes, PrefixHypothesis, Search, beam_search
from streamer.asr.beam_steps import BeamOptions, Ids, Scores, Step, steps_of
from streamer.asr.scorers import WeightedScorer

_Value = TypeVar("_Value", bound=np.generic)

_NO_TOKEN = -2
"""Stands where an utterance considers fewer tokens than another; −1 is the newest token of an empty prefix."""


class _Lanes(Search):
    """The search through several utterances."""

    def __init__(
        self, options: BeamOptions, scorers: Sequence[WeightedScorer], columns: int, bonuses: Sequence[float]
    ) -> None:
        """``bonuses``: of each utterance, instead of the options' for all."""
        super().__init__(options, scorers, columns, len(bonuses))
        self._bonuses = np.array(bonuses)

    def advance_all(self, beam: Prefixes, steps: Sequence[Step]) -> Prefixes:
        """The beam after a step of each utterance in it."""
        lanes, width = beam.ids[3], max(len(step.tokens) for step in steps)
        tokens, log_probs = np.full((len(steps), width), _NO_TOKEN), np.full((len(steps), width), -np.inf)
        for row, step in enumerate(steps):
            tokens[row, : len(step.tokens)], log_probs[row, : len(step.tokens)] = step.tokens, step.log_probs
        pauses = None
        if any(step.pause is not None for step in steps):
            pauses = np.array([np.nan if step.pause is None else step.pause for step in steps])[lanes]
        blanks = np.array([step.blank for step in steps])
        return self.advance(beam, Step(blanks[lanes], tokens[lanes], log_probs[lanes], pauses))

    def _paused(
        self, total: Scores, blanks: Scores, ends: Scores, pause: float | Scores
    ) -> tuple[Scores, Scores, Scores]:
        is_paused = ~np.isnan(pause)
        np.add(total, pause, out=total, where=is_paused)
        return total, np.where(is_paused, total, blanks), np.where(is_paused, -np.inf, ends)

    def _least(self, beam: Prefixes, total: Scores, step: Step) -> Scores:
        lanes = beam.ids[3]
        firsts = _firsts(lanes)
        best = (total + beam.log_probs[2])[firsts] + np.maximum(step.blank, step.log_probs[:, 0])[firsts]
        least: Scores = (best - self._options.margin)[lanes][:, None]
        return least

    def _bonus(self, ids: Ids, some: Ids) -> Scores:
        bonuses: Scores = self._bonuses[ids[3, some]]
        return bonuses

    def _of(self, values: npt.NDArray[_Value], prefixes: Ids, places: Ids) -> npt.NDArray[_Value]:
        return values[prefixes, places]

    def _met(self, ids: Ids, some: Ids) -> tuple[Ids, Ids]:
        places = np.full(self._roots + len(self._nodes), -1)
        places[ids[0]] = np.arange(ids.shape[1])
        # The empty prefix follows none; its −1 asks for the place of the newest node, which is of no use.
        shorter = np.where(ids[1, some] >= 0, places[ids[1, some]], -1)
        met = (shorter >= 0).nonzero()[0]
        return met, shorter[met]

    def _best(self, ids: Ids, costs: Scores) -> Ids:
        order = np.lexsort((costs, ids[3]))
        lanes, ordered = ids[3][order], costs[order]
        firsts = _firsts(lanes)
        is_near = ordered <= (ordered[firsts] + self._options.margin)[lanes]
        is_first = np.arange(len(order)) - firsts[lanes] < self._options.beam
        best: Ids = order[is_near & is_first]
        return best


def _firsts(lanes: Ids) -> Ids:
    """Where each lane begins; lanes ascend, and none is empty."""
    return np.flatnonzero(np.diff(lanes, prepend=-1))


def beam_searches(
    utterances: Sequence[npt.NDArray[np.float32]],
    blank_id: int,
    options: BeamOptions,
    scorers: Sequence[WeightedScorer] = (),
    prior: npt.NDArray[np.float32] | None = None,
    bonuses: Sequence[float] | None = None,
) -> list[list[PrefixHypothesis]]:
    """As :func:`~streamer.asr.beam.beam_search` of each utterance, several in less than half of the time.

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
    # Once no prefix becomes longer any more: the tree is gone through for all of them together.
    return [search.hypotheses(ended[each]) for each in range(len(utterances))]
