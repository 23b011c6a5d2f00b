"""Where the errors of unbroken speech lie: at its cuts, at the joints of its recordings, or elsewhere.

Two readings of the same sound are compared: the live one, and one with each recording decoded for itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

import jiwer
import numpy as np
import numpy.typing as npt

from benchmarks.scoring import Rate
from streamer.types import SAMPLE_RATE, Token

Counts = npt.NDArray[np.int64]

PLACES: Final = ("near a seam", "near a joint of recordings", "elsewhere")
"""Where a syllable of the reference may be; the first that fits."""
_NEAR_SEAM: Final = SAMPLE_RATE
"""Samples within which a syllable is near a seam: what an utterance's edge may spoil."""
_NEAR_JOINT: Final = 6 * SAMPLE_RATE // 10
"""Samples within which a syllable is near the joint of two recordings, whose sentences have nothing to do with each
other."""


@dataclass(frozen=True, slots=True)
class Reference:
    """What was said in a row of recordings."""

    characters: tuple[str, ...]
    syllables: tuple[str, ...]
    """One for each character."""
    times: tuple[int, ...]
    """Where each was said, in samples."""
    recordings: tuple[str, ...]
    """Name of the recording in which each was said."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """Errors of one reading by place of the reference; characters added at its end count at the last one."""

    characters: Counts
    """(n,) wrong, missing or added ones."""
    syllables: Counts
    """(n,) the same of toned syllables."""

    @property
    def written(self) -> Counts:
        """(n,) 1 where the syllable is right and the character is not: the language stage's errors."""
        right: Counts = ((self.characters > 0) & (self.syllables == 0)).astype(np.int64)
        return right

    @property
    def counts(self) -> Counts:
        """(3, n) errors of characters, of toned syllables, of the language stage."""
        return np.stack([self.characters, self.syllables, self.written])


@dataclass(slots=True)
class ErrorSplit:
    """Errors of both readings, summed over rows."""

    reference: Counts = field(default_factory=lambda: np.zeros(len(PLACES), np.int64))
    """(places,) characters of the reference."""
    live: Counts = field(default_factory=lambda: np.zeros((3, len(PLACES)), np.int64))
    """(3, places) as in :attr:`Wrong.counts`."""
    bordered: Counts = field(default_factory=lambda: np.zeros((3, len(PLACES)), np.int64))
    """(3, places) the same for the reading at true borders."""
    _by_recording: dict[str, Counts] = field(default_factory=dict)
    """Name → (3,) characters of the reference, wrong live, wrong at true borders."""

    def add(
        self,
        said: Reference,
        live: Sequence[Token],
        bordered: Sequence[Token],
        seams: Sequence[int],
        joints: Sequence[int],
    ) -> None:
        """Take a row: two readings of what was said, and where it was cut and joined, in samples."""
        places = [place_of(time, seams, joints) for time in said.times]
        ours, theirs = wrong(said, live), wrong(said, bordered)
        for place in range(len(PLACES)):
            here = np.array([each == place for each in places], np.bool_)
            self.reference[place] += here.sum()
            self.live[:, place] += ours.counts[:, here].sum(axis=1)
            self.bordered[:, place] += theirs.counts[:, here].sum(axis=1)
        for name, mine, other in zip(said.recordings, ours.characters, theirs.characters, strict=True):
            counts = self._by_recording.setdefault(name, np.zeros(3, np.int64))
            counts += (1, int(mine), int(other))

    def difference(self, resamples: int = 2000) -> Rate:
        """Character errors of the live reading less those at true borders, over characters; resampled by recording."""
        if not self._by_recording:
            return Rate(float("nan"), float("nan"), float("nan"))
        counts = np.stack(list(self._by_recording.values()))
        drawn = np.random.default_rng(0).integers(0, len(counts), (resamples, len(counts)))
        sums = counts[drawn].sum(axis=1)
        low, high = np.quantile((sums[:, 1] - sums[:, 2]) / sums[:, 0], [0.025, 0.975])
        total = counts.sum(axis=0)
        return Rate(float((total[1] - total[2]) / total[0]), float(low), float(high))

    def rows(self) -> list[dict[str, Any]]:
        """For each place: its characters, and the errors of both readings."""
        return [
            {
                "place": place,
                "reference": int(self.reference[at]),
                "live": self.live[:, at].tolist(),
                "true_borders": self.bordered[:, at].tolist(),
            }
            for at, place in enumerate(PLACES)
        ]


def place_of(time: int, seams: Sequence[int], joints: Sequence[int]) -> int:
    """Index in ``PLACES`` of a position."""
    if any(abs(time - seam) < _NEAR_SEAM for seam in seams):
        return 0
    return 1 if any(abs(time - joint) < _NEAR_JOINT for joint in joints) else 2


def wrong(said: Reference, tokens: Sequence[Token]) -> Wrong:
    """Errors of a reading; a token without a character counts as a wrong one."""
    return Wrong(
        _errors(said.characters, [token.text or "?" for token in tokens]),
        _errors(said.syllables, [token.syllable for token in tokens]),
    )


def _errors(reference: Sequence[str], recognised: Sequence[str]) -> Counts:
    """(n,) errors by place of the reference; what is added counts at the next place."""
    if not recognised:
        return np.ones(len(reference), np.int64)
    found = np.zeros(len(reference), np.int64)
    for part in chain.from_iterable(jiwer.process_words(" ".join(reference), " ".join(recognised)).alignments):
        if part.type == "insert":
            found[min(part.ref_start_idx, len(found) - 1)] += part.hyp_end_idx - part.hyp_start_idx
        elif part.type != "equal":
            found[part.ref_start_idx : part.ref_end_idx] += 1
    return found
