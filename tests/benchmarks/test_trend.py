import math
import random

from benchmarks.trend import slope

HOURS = [minute / 60 for minute in range(480)]


def noise(seed: int = 1) -> list[float]:
    chosen = random.Random(seed)  # noqa: S311 - repeatable noise
    return [chosen.gauss(100.0, 2.0) for _ in HOURS]


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
