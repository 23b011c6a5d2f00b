"""What was recognised, laid along what was said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from streamer.types import Token

Costs = npt.NDArray[np.int64]

_ERROR: Final = 100_000
"""Cost of one error; a row never has so many syllables that likeness outweighs one."""
_TONE_APART, _PART_SHARED, _NOTHING_SHARED = 2, 6, 10
"""Of two syllables that are not the same: how much the pair costs besides, by what they share."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What stands in a recognised row for each syllable of the reference."""

    heard: tuple[bool, ...]
    """Whether there is one, right or wrong."""
    extra: tuple[int, ...]
    """Syllables more, before each; one longer than ``heard``, for those at the end."""
    times: tuple[int, ...]
    """Where it is, in samples; that of the syllable before, where there is none."""


def read_along(said: Sequence[str], tokens: Sequence[Token]) -> Reading:
    """Align what was recognised with the reference: as few errors as can be, and of those alignments the likeliest.

    Where one word was misheard and a syllable beside it is missing, several alignments have as few errors. Only the one
    that pairs syllables which sound alike tells which is missing; the others would tell of a loss at another place.
    """
    heard, extra, times = [False] * len(said), [0] * (len(said) + 1), [0] * len(said)
    pairs = _pair_costs(said, [token.syllable for token in tokens])
    costs = _costs(pairs)
    at, of = len(said), len(tokens)
    while at or of:
        if at and of and costs[at, of] == costs[at - 1, of - 1] + pairs[at - 1, of - 1]:
            at, of = at - 1, of - 1
            heard[at], times[at] = True, (tokens[of].start_sample + tokens[of].end_sample) // 2
        elif of and costs[at, of] == costs[at, of - 1] + _ERROR:
            of -= 1
            extra[at] += 1
        else:
            at -= 1
    for one in range(1, len(times)):
        times[one] = max(times[one], times[one - 1])
    return Reading(tuple(heard), tuple(extra), tuple(times))


def _costs(pairs: Costs) -> Costs:
    """(said + 1, recognised + 1) least cost of aligning the beginnings of both rows."""
    rows, columns = pairs.shape
    added = np.arange(columns + 1) * _ERROR
    costs = np.empty((rows + 1, columns + 1), np.int64)
    costs[0] = added
    for at in range(rows):
        best = costs[at] + _ERROR
        np.minimum(best[1:], costs[at, :-1] + pairs[at], out=best[1:])
        # What is added after the best beginning of each length: one error each.
        costs[at + 1] = np.minimum.accumulate(best - added) + added
    return costs


def _pair_costs(said: Sequence[str], recognised: Sequence[str]) -> Costs:
    """(said, recognised) cost of each pair: nothing for the same toned syllable, else an error and its unlikeness."""
    known: dict[str, int] = {}

    def ids(parts: Sequence[str]) -> Costs:
        return np.array([known.setdefault(part, len(known)) for part in parts], np.int64)

    def equal(one: Sequence[str], other: Sequence[str]) -> npt.NDArray[np.bool_]:
        return np.equal(ids(one)[:, None], ids(other)[None, :])

    said_bases, recognised_bases = ([each.rstrip("012345") for each in row] for row in (said, recognised))
    onsets = equal([each[:1] for each in said_bases], [each[:1] for each in recognised_bases])
    rhymes = equal([each[-2:] for each in said_bases], [each[-2:] for each in recognised_bases])
    unlike = np.where(onsets | rhymes, _PART_SHARED, _NOTHING_SHARED)
    unlike = np.where(equal(said_bases, recognised_bases), _TONE_APART, unlike)
    return np.where(equal(said, recognised), 0, _ERROR + unlike)
