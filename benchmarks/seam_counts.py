"""Syllables lost and doubled at seams, counted against readings of the same sound without that cut.

No recogniser reads the same sound twice alike. What that alone makes is told in two ways: by the same count at places
where the live reading was not cut, and, at the very seams, by the count of the uncut reading against the two others.
Where all three readings have one syllable for two that were said, which of the two each of them is taken for hangs on
how like they sound: the live one may seem to have lost the other. How much of the count that is, is told beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import numpy.typing as npt

from benchmarks.along import Reading
from benchmarks.scoring import Rate

_NEAR: Final = 3
"""Reference syllables on each side of a seam that are counted."""
_UNIT: Final = 50
"""Seams for which figures are given."""


@dataclass(frozen=True, slots=True)
class Place:
    """What was found at one seam, or at one place without."""

    recording: str
    """Name of the recording that it lies in."""
    lost: int
    doubled: int
    uncut: int
    """Syllables that the uncut reading lost or doubled there, against the live reading and the one at true borders."""
    shifted: int = 0
    """How many of the lost and doubled ones both other readings lost or doubled too, one syllable beside."""


@dataclass(slots=True)
class Seams:
    """What was found at all places of a kind."""

    kind: str
    places: list[Place] = field(default_factory=list)

    @property
    def lost(self) -> int:
        """Syllables lost at all of them."""
        return sum(place.lost for place in self.places)

    @property
    def doubled(self) -> int:
        """Syllables doubled at all of them."""
        return sum(place.doubled for place in self.places)

    @property
    def shifted(self) -> int:
        """Of the lost and doubled ones, those that both other readings lost or doubled one syllable beside."""
        return sum(place.shifted for place in self.places)

    @property
    def wrong_per_50(self) -> float:
        """Syllables lost or doubled at fifty of them."""
        return self._per_50(self.lost + self.doubled)

    @property
    def uncut_per_50(self) -> float:
        """The same for the uncut reading."""
        return self._per_50(sum(place.uncut for place in self.places))

    def _per_50(self, wrong: int) -> float:
        return _UNIT * wrong / len(self.places) if self.places else 0.0


def place(recording: str, live: Reading, true: Reading, uncut: Reading, sample: int) -> Place:
    """What was lost and doubled around a sample, where the reading at true borders tells what was said when."""
    at = sum(1 for time in true.times if time < sample)
    near = range(max(0, at - _NEAR), min(len(live.heard), at + _NEAR))
    lost, doubled = differences(live, (true, uncut), near)
    uncut_differs = sum(differences(uncut, (true, live), near))
    return Place(recording, lost, doubled, uncut_differs, shifted(live, (true, uncut), near))


def differences(reading: Reading, others: Sequence[Reading], near: range) -> tuple[int, int]:
    """Syllables of the reference that only this reading has not, and those that it has more than any other."""
    lost = sum(all(other.heard[one] for other in others) and not reading.heard[one] for one in near)
    doubled = sum(max(0, reading.extra[one] - max(other.extra[one] for other in others)) for one in near)
    return lost, doubled


def shifted(reading: Reading, others: Sequence[Reading], near: range) -> int:
    """How many of the differences stand beside a syllable that all others lost or doubled, and this reading did not."""
    missing = [[int(not each) for each in one.heard] for one in (reading, *others)]
    return _shifted(missing, near) + _shifted([one.extra for one in (reading, *others)], near)


def _shifted(counts: Sequence[Sequence[int]], near: range) -> int:
    """Of what the first row has more than any other in this range, how much one place beside, all others have more."""
    excess = [max(0, own - max(theirs)) for own, *theirs in zip(*counts, strict=True)]
    lack = [max(0, min(theirs) - own) for own, *theirs in zip(*counts, strict=True)]
    found = 0
    for at in near:
        for beside in (at - 1, at + 1):
            if 0 <= beside < len(lack):
                moved = min(excess[at], lack[beside])
                excess[at] -= moved
                lack[beside] -= moved
                found += moved
    return found


def more_than(seams: Sequence[Place], plain: Sequence[Place], resamples: int = 2000) -> Rate:
    """Syllables wrong at fifty seams less those at fifty places without, with a 95 % interval over recordings.

    Further rounds hear the same recordings again, which makes no more of them: recordings are drawn, not places.
    """
    names = sorted({each.recording for each in (*seams, *plain)})
    if not seams or not plain:
        return Rate(float("nan"), float("nan"), float("nan"))
    counts = np.concatenate([_by_recording(seams, names), _by_recording(plain, names)], axis=1)
    drawn = np.random.default_rng(0).integers(0, len(names), (resamples, len(names)))
    sums = counts[drawn].sum(axis=1)
    sums = sums[(sums[:, 0] > 0) & (sums[:, 2] > 0)]
    low, high = np.quantile(_difference(sums), [0.025, 0.975])
    return Rate(float(_difference(counts.sum(axis=0)[None])[0]), float(low), float(high))


def _by_recording(places: Sequence[Place], names: Sequence[str]) -> npt.NDArray[np.int64]:
    """(names, 2) places in each recording, and what is wrong at them."""
    rows = {name: at for at, name in enumerate(names)}
    counts = np.zeros((len(names), 2), np.int64)
    for each in places:
        counts[rows[each.recording]] += (1, each.lost + each.doubled)
    return counts


def _difference(sums: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """(n,) of (n, 4): places and wrong syllables at seams, the same without."""
    more: npt.NDArray[np.float64] = _UNIT * (sums[:, 1] / sums[:, 0] - sums[:, 3] / sums[:, 2])
    return more
