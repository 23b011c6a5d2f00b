import math
import random

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


@pytest.mark.parametrize("likeness", [0.0, 0.8, 0.9, 0.95])
def test_nineteen_intervals_in_twenty_hold_the_truth(likeness: float) -> None:
    chosen = random.Random(1)  # noqa: S311 - repeatable noise
    held = sum(slope(HOURS, wandering(likeness, chosen)).is_flat for _ in range(1000))

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


def test_the_beginning_does_not_count() -> None:
    filled = [50.0 if hour < 0.5 else 100.0 for hour in HOURS]
    found = slope(HOURS, filled)

    assert (found.per_hour, found.low, found.high) == (0.0, 0.0, 0.0)


def test_too_little_says_nothing() -> None:
    found = slope([0.0, 0.6], [1.0, 2.0])

    assert (found.low, found.high) == (-math.inf, math.inf)
