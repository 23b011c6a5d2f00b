"""What is measured over a day, how it grows, and its picture."""

from __future__ import annotations

import math
from array import array
from dataclasses import dataclass, field
from statistics import fmean

from benchmarks.plots import Curve
from benchmarks.trend import Slope, slope

FIGURES = {
    "rss_mb": "resident memory, MB",
    "private_mb": "of it not pages of files, MB",
    "rest_mb": "the lowest of that in ten minutes, MB",
    "files": "open files",
    "threads": "threads",
    "tasks": "tasks of the event loop",
    "final_s": "speech end → final, s",
    "lag_s": "newest sound → partial, s",
}
"""What must not grow, and how it is called."""


def _numbers() -> array[float]:
    """A list of floats takes four times as much, 25 kB an hour: what is measured would be the measuring."""
    return array("d")


@dataclass(slots=True)
class Day:
    """What was measured, in samples taken at equal times."""

    hours: array[float] = field(default_factory=_numbers)
    """When each was taken."""
    rss_mb: array[float] = field(default_factory=_numbers)
    private_mb: array[float] = field(default_factory=_numbers)
    """Without the pages of files, which the system takes back and maps again as it likes; means, as of ``rss_mb``."""
    rest_mb: array[float] = field(default_factory=_numbers)
    """The lowest since the last sample."""
    files: array[float] = field(default_factory=_numbers)
    threads: array[float] = field(default_factory=_numbers)
    tasks: array[float] = field(default_factory=_numbers)
    final_s: array[float] = field(default_factory=_numbers)
    """Mean over the finals since the last sample; the one before where there was none."""
    lag_s: array[float] = field(default_factory=_numbers)
    store_mb: array[float] = field(default_factory=_numbers)
    """Data base and minutes, without the sound."""
    sound_mb: array[float] = field(default_factory=_numbers)
    finals: int = 0
    gaps: int = 0
    lost: int = 0
    broker_stops: int = 0
    unpublished: int = 0
    """Finals that the broker had not confirmed at the end."""
    wall_s: float = 0.0
    cpu_s: float = 0.0


def slopes(day: Day) -> dict[str, Slope]:
    """How much each figure grows an hour, after the first half hour; of a short day after its first sixteenth."""
    return {name: _growth(day, name) for name in FIGURES}


def told_so_far(day: Day) -> str:
    """What a day that is not over has shown, in a line."""
    grown = _growth(day, "rest_mb")
    growth = f"{grown.per_hour:+.3f} MB an hour ({grown.low:+.3f} … {grown.high:+.3f})"
    figures = (
        f"at rest {day.rest_mb[-1]:.1f} MB, growth {growth if math.isfinite(grown.high) else 'not known yet'}",
        f"resident {day.rss_mb[-1]:.1f} MB",
        *(f"{FIGURES[name]} {getattr(day, name)[-1]:.0f}" for name in ("files", "threads", "tasks")),
    )
    return f"after {day.hours[-1]:.2f} h: {'; '.join(figures)}"


def _growth(day: Day, name: str) -> Slope:
    scale = min(1.0, day.hours[-1] / 8 if day.hours else 0.0)
    stands = min if name == "rest_mb" else fmean
    return slope(day.hours, getattr(day, name), block_hours=scale / 6, skip_hours=scale / 2, of=stands)


def curves(day: Day) -> list[Curve]:
    """Every figure over the hours, and the disk's."""
    drawn = [
        Curve(label, "hours", label.rpartition(", ")[2], {label: (day.hours, getattr(day, name))})
        for name, label in FIGURES.items()
    ]
    sizes = {"store and minutes": (day.hours, day.store_mb), "sound": (day.hours, day.sound_mb)}
    return [*drawn, Curve("disk", "hours", "MB", sizes)]
