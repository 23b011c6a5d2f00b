"""Whether a figure grows with time: a straight line through it, with the uncertainty of its slope. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_T_95 = (12.71, 4.30, 3.18, 2.78, 2.57, 2.45, 2.36, 2.31, 2.26, 2.23, 2.20, 2.18, 2.16, 2.14, 2.13, 2.12, 2.11, 2.10)
"""Student's t for 95 %, two-sided, by degrees of freedom from 1; beyond: 1.96 + 2.5 / degrees."""


@dataclass(frozen=True, slots=True)
class Slope:
    """Growth an hour."""

    per_hour: float
    low: float
    """Lower end of the 95 % interval."""
    high: float
    """Upper end."""
    blocks: int
    """Blocks it was fitted to."""

    @property
    def is_flat(self) -> bool:
        """Whether the interval holds zero."""
        return self.low <= 0.0 <= self.high


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def slope(
    hours: Sequence[float],
    values: Sequence[float],
    *,
    block_hours: float = 1 / 6,
    skip_hours: float = 0.5,
    of: Callable[[Sequence[float]], float] = _mean,
) -> Slope:
    """Least squares through means of blocks, or through what else stands for each.

    Neighbouring samples are alike, so that a line through all of them would look too certain. Means of ten minutes
    still are, by 0.3 to 0.4 for memory, and count as fewer independent ones: n (1 - r) / (1 + r), with r the likeness
    of neighbours among what the line leaves (Santer et al. 2000, doi:10.1029/1999JD901105). A block with less than half
    of the samples of the fullest one is left out: the last sample of a day would count as much as ten minutes.

    Args:
        hours: when each value was taken.
        values: what was measured.
        block_hours: length of a block.
        skip_hours: what is left out at the beginning: caches fill, once.
        of: what stands for a block. The lowest value moves less than the mean where peaks come and go, and what is
            never given back raises it as much.
    """
    blocks: dict[int, list[tuple[float, float]]] = {}
    for hour, value in zip(hours, values, strict=True):
        if hour >= skip_hours:
            blocks.setdefault(int((hour - skip_hours) / block_hours), []).append((hour, value))
    fullest = max(map(len, blocks.values()), default=0)
    points = [
        (_mean([one[0] for one in block]), of([one[1] for one in block]))
        for block in blocks.values()
        if 2 * len(block) >= fullest
    ]
    if len(points) < 3:
        return Slope(0.0, -math.inf, math.inf, len(points))
    x, y = _mean([one[0] for one in points]), _mean([one[1] for one in points])
    spread = sum((one[0] - x) ** 2 for one in points)
    rise = sum((one[0] - x) * (one[1] - y) for one in points) / spread
    left = [one[1] - y - rise * (one[0] - x) for one in points]
    degrees = _independent(left) - 2
    whole = int(degrees)
    student = _T_95[whole - 1] if whole <= len(_T_95) else 1.96 + 2.5 / degrees
    margin = student * math.sqrt(sum(one**2 for one in left) / degrees / spread)
    return Slope(rise, rise - margin, rise + margin, len(points))


def _independent(left: Sequence[float]) -> float:
    """As how many independent values residuals count: at least three, and never more than there are."""
    power = sum(one**2 for one in left)
    likeness = sum(one * after for one, after in pairwise(left)) / power if power else 0.0
    likeness = max(0.0, likeness)
    return max(3.0, len(left) * (1 - likeness) / (1 + likeness))
