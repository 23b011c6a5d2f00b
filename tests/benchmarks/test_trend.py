import math
import random
from collections.abc import Callable, Sequence
from statistics import fmean

import pytest

from benchmarks.trend import slope

HOURS = [minute / 60 for minute in range(480)]


def noise(seed: int = 1) -> list[float]:
    chosen = random.Random(seed)  # noqa: S311 - repeatable noise
    return [chosen.gauss(100.0, 2.0) for _ in HOURS]


def wandering(likeness: float, chosen: random.Random) -> list[float]:
    """Noise in which each minute is so like the one before, as memory is; it grows nowhere."""
    value, values = chosen.gauss(0.0, 1.0) / math.sqrt(1 - likeness**2), []
    for _ in HOURS:
        values.append(value)
        value = likeness * value + chosen.gauss(0.0, 1.0)
    return values


@pytest.mark.parametrize(("likeness", "of"), [(0.0, fmean), (0.8, fmean), (0.9, fmean), (0.95, fmean), (0.9, min)])
def test_nineteen_intervals_in_twenty_hold_the_truth(likeness: float, of: Callable[[Sequence[float]], float]) -> None:
    chosen = random.Random(1)  # noqa: S311 - repeatable noise
    held = sum(slope(HOURS, wandering(likeness, chosen), of=of).is_flat for _ in range(1000))

    assert 925 <= held <= 970, "neither narrower nor wider than 95 %"


def test_values_that_alternate_do_not_make_it_narrower() -> None:
    alternating = [1.0, -1.0, 1.0, -1.0, -1.0, 1.0, -1.0, 1.0]
    found = slope(range(8), alternating, block_hours=1, skip_hours=0)

    assert (found.per_hour, found.high) == pytest.approx((0.0, 2.45 * math.sqrt(8 / 6 / 42)))


def test_noise_alone_is_flat() -> None:
    found = slope(HOURS, noise())

    assert found.is_flat
    assert abs(found.per_hour) < 0.2
    assert found.blocks == 45


def test_growth_is_found_in_noise() -> None:
    grown = [value + 0.5 * hour for hour, value in zip(HOURS, noise(), strict=True)]
    found = slope(HOURS, grown)

    assert not found.is_flat
    assert found.low < 0.5 < found.high


def test_the_lowest_of_a_block_grows_as_what_is_kept_does_and_not_as_peaks_come() -> None:
    peaks = random.Random(1)  # noqa: S311 - repeatable noise
    heights = [0.0 if minute % 10 == 5 else peaks.random() * 20 for minute in range(480)]
    values = [100.0 + 0.5 * hour + height for hour, height in zip(HOURS, heights, strict=True)]
    found, mean = slope(HOURS, values, of=min), slope(HOURS, values)

    assert found.per_hour == pytest.approx(0.5, abs=0.01)
    assert found.high - found.low < 0.1 * (mean.high - mean.low)


def test_the_beginning_does_not_count() -> None:
    filled = [50.0 if hour < 0.5 else 100.0 for hour in HOURS]
    found = slope(HOURS, filled)

    assert (found.per_hour, found.low, found.high) == (0.0, 0.0, 0.0)


def test_a_block_that_has_only_begun_does_not_count() -> None:
    """The last sample of a day is taken as its meeting ends, and would weigh as much as ten minutes."""
    found = slope([*HOURS, 8.001], [*(100.0 for _ in HOURS), 110.0])

    assert (found.per_hour, found.blocks) == (0.0, 45)


def test_too_little_says_nothing() -> None:
    found = slope([0.0, 0.6], [1.0, 2.0])

    assert (found.low, found.high) == (-math.inf, math.inf)
